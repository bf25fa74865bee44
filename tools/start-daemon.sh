# shellcheck shell=sh disable=SC2034 # what it sets is for who sources it
# Sourced by the launchers (./arc and the package's): arc mount without --foreground. And by who
# measures what a daemon does.

# A crash is told on standard error, which is VOLUME/log/daemon.log once the volume is served.
# Little of what a daemon makes lives long: with more room for new objects it would only be larger.
arcfs_daemon_jvm="-XX:+UseG1GC -Xms32m -Xmx1g -XX:MaxNewSize=48m -XX:GCTimeRatio=4 -XX:+ExitOnOutOfMemoryError -XX:+ErrorFileToStderr"

# Sets arcfs_kind to what the arguments make of this process: a command, a daemon (which serves in
# the foreground), or detached (it starts a daemon and waits for its answer).
arcfs_find_kind() {
    arcfs_kind='command'
    [ "${1:-}" = mount ] || return 0
    arcfs_kind=detached
    for arcfs_argument; do
        case $arcfs_argument in
        --foreground) arcfs_kind=daemon ;;
        -h | --help) arcfs_kind='command' && break ;;
        esac
    done
}

# Sets arcfs_inherited to the descriptors above nine that this shell was started with and a program
# would get from it, separated by commas: POSIX has no word to close them. Starts no process.
arcfs_find_inherited() {
    arcfs_inherited=
    for arcfs_open in "/proc/$$/fd/"[1-9][0-9]*; do
        arcfs_open=${arcfs_open##*/}
        arcfs_flags=
        while read -r arcfs_key arcfs_value; do
            [ "$arcfs_key" != flags: ] || arcfs_flags=$arcfs_value
        done 2>/dev/null <"/proc/$$/fdinfo/$arcfs_open" || continue
        # An octal number; its seventh digit from the right holds O_CLOEXEC (02000000).
        case $arcfs_flags in
        '' | *[2367][0-7][0-7][0-7][0-7][0-7][0-7]) ;;
        *) arcfs_inherited=$arcfs_inherited${arcfs_inherited:+,}$arcfs_open ;;
        esac
    done
}

# Runs a command that starts Java with -Darcfs.detach=true in a session of its own, waits for the
# answer of that process (io.arcfs.cli.daemon.Detachment), and ends with it: a line with the exit
# code, then what is said to the user. What comes before it is the JVM's.
arcfs_start_daemon() {
    arcfs_answer=$("$@" </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-)
    arcfs_code=${arcfs_answer#*arcfs-daemon }
    if [ "$arcfs_code" = "$arcfs_answer" ]; then
        echo "arc: mount: the daemon died before it served; try mount --foreground" >&2
        exit 1
    fi
    arcfs_said=${arcfs_code#?}
    arcfs_code=${arcfs_code%"$arcfs_said"}
    arcfs_said=${arcfs_said#?}
    if [ "$arcfs_code" -ne 0 ]; then
        printf '%s\n' "$arcfs_said" >&2
    elif [ -n "$arcfs_said" ] && ! printf '%s\n' "$arcfs_said" 2>/dev/null; then
        echo "arc: standard output: cannot be written; free space or keep it open" >&2
        exit 1
    fi
    exit "$arcfs_code"
}

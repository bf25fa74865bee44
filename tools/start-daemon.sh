# shellcheck shell=sh disable=SC2034 # what it sets is for who sources it
# Sourced by the launchers (./arc and the package's): arc mount without --foreground.

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

# Runs a command that starts Java with -Darcfs.detach=true in a session of its own, waits for the
# answer of that process (io.arcfs.cli.daemon.Detachment), and ends with it: a line with the exit
# code, then what is said to the user. What comes before it is the JVM's.
arcfs_start_daemon() {
    arcfs_answer=$("$@" </dev/null)
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

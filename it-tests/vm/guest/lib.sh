# shellcheck shell=bash
# Shared by the scripts that run inside the virtual machine. Every check that holds prints a line
# "CHECK name". The first thing that does not hold ends its section; the next section begins with a
# clean machine, so that one boot shows all that is wrong.

ARC=${ARC:?path of the arc command}
export ARCFS_NO_BUILD=1
failures=0

# An emulated machine takes long to start a program: what is called often starts none.
note() {
    local up
    read -r up _ </proc/uptime
    printf '%8s  %s\n' "$up" "$*"
}

check() {
    printf 'CHECK %s\n' "$1"
    note "ok"
}

die() {
    printf 'FAILED %s\n' "$*"
    tail -n 15 /run/arcfs/ublk/server.log 2>/dev/null
    dmesg | tail -n 15
    exit 1
}

# Runs a function as a section; only those that SECTIONS names, if it names any.
section() { # FUNCTION
    [[ -z "${SECTIONS:-}" || " $SECTIONS " == *" $1 "* ]] || return
    note "section $1"
    if ! ("$1"); then
        failures=$((failures + 1))
        leave_nothing
    fi
}

# After a failure: whatever is mounted, served or left over goes.
leave_nothing() {
    local mountpoint pid node SHELL_USER
    note 'cleaning up'
    SHELL_USER=0
    arc property arcfs.ublk.encoding ioctl
    arc property arcfs.device.jvm "$SERVER_JVM"
    pkill -KILL -x fio
    for mountpoint in /mnt/image /mnt/volume /mnt/loop; do
        mountpoint -q $mountpoint && umount -l $mountpoint
    done
    for pid in $(pgrep -f DeviceServerMain); do
        kill -KILL "$pid"
    done
    for node in /dev/ublkc*; do
        [ -e "$node" ] && arc device del "${node#/dev/ublkc}"
    done
}

# What ends each script.
verdict() { # FORM
    if [ "$failures" = 0 ]; then
        printf 'PASSED form %s, kernel %s\n' "$1" "$(uname -r)"
    else
        printf 'FAILED %d sections, form %s, kernel %s\n' "$failures" "$1" "$(uname -r)"
        exit 1
    fi
}

# The arc command: through one JVM that stays where SHELL_CLASSES is set (see ArcShell), else as
# a person runs it. As another user where SHELL_USER is a number.
arc() {
    note "arc $*" >&2
    if [ -z "${SHELL_CLASSES:-}" ]; then
        as_user "$ARC" "$@"
        return
    fi
    local shell=/run/shell-${SHELL_USER:-0}
    [ -p "$shell/commands" ] || start_shell "$shell"
    local status='' part words IFS=$'\t'
    words="$*"
    unset IFS
    {
        printf '%s\n' "$words" >&7
        # The pipe stays open here: a shell that has only been started would not find the line.
        # A second may end in the middle of it: what was read by then is the line's beginning.
        until read -r -t 1 part <&8; do
            status+=$part
            kill -0 "$(<"$shell/pid")" 2>/dev/null ||
                die "the shell of arc ended: $(cat "$shell/log")"
        done
        status+=$part
    } 7<>"$shell/commands" 8<>"$shell/exits"
    cat "$shell/err" >&2
    cat "$shell/out"
    note "arc $1${2:+ $2}: status $status" >&2
    return "$status"
}

as_user() {
    if [ "${SHELL_USER:-0}" = 0 ]; then
        "$@"
    else
        setpriv --reuid="$SHELL_USER" --regid="$SHELL_USER" --clear-groups \
            env -u XDG_RUNTIME_DIR HOME=/tmp "$@"
    fi
}

start_shell() { # DIRECTORY
    local build
    build=${ARC_BUILD:-$(readlink -f "$(dirname -- "$ARC")/fuse-frontend/target/run/current")}
    build=${build%/} # as the classes' archive has it
    mkdir -p "$1"
    mkfifo "$1/commands" "$1/exits"
    chown -R "${SHELL_USER:-0}" "$1"
    (
        # What bash keeps of redirections around functions: open, it would keep "$(arc ...)" waiting.
        for kept in 10 11 12 13 14 15; do
            eval "exec $kept>&-"
        done
        # shellcheck disable=SC2086
        as_user java -XX:+UseSerialGC -Xmx512m $EMULATED_JVM \
            "-XX:AOTCache=$build/arc.aot" "-Darcfs.device.jvm=$SERVER_JVM" \
            "-Darcfs.daemon.jvm=$DAEMON_JVM -XX:AOTCache=$build/daemon.aot" \
            "-Darcfs.device.cache=$build/device.aot" -Djava.library.path="$build/native" \
            --enable-native-access=ALL-UNNAMED -cp "$build/arcfs-app.jar:$SHELL_CLASSES" ArcShell "$1"
    ) </dev/null >"$1/log" 2>&1 &
    echo $! >"$1/pid"
    disown
}
# No C2, and the classes' archive where it was made for, not moved word by word: both cost an
# emulated machine too much.
EMULATED_JVM='-XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0'
DAEMON_JVM="-XX:+UseSerialGC -Xmx512m $EMULATED_JVM"
SERVER_JVM=$EMULATED_JVM

# What an arc command that must fail says: one line, and this text in it.
refused() { # TEXT ARGUMENT...
    local text=$1 said status
    shift
    said=$(arc "$@" 2>&1 >/dev/null)
    status=$?
    said=$(grep '^arc:' <<<"$said")
    [ $status -ne 0 ] || die "arc $* succeeded"
    [ "$(wc -l <<<"$said")" -eq 1 ] || die "arc $* said more than a line: $said"
    grep -qF -- "$text" <<<"$said" || die "arc $* said: $said (wanted: $text)"
}

# Fields of a device in the list.
field() { # ID FIELD,FIELD...
    arc device list --json | awk -F ' : ' -v id="$1" -v names="$2" '
        { gsub(/[" ,]/, "", $1); gsub(/^"|"?,? *$/, "", $2); of[$1] = $2 }
        /^}/ && of["id"] == id {
            for (i = 1; i <= split(names, name, ","); i++) printf "%s%s", (i > 1 ? " " : ""), of[name[i]]
            print ""
        }'
}

server_of() { sed -n 's/^pid=//p' "/run/arcfs/ublk/$1.device"; }

no_nodes() {
    local left
    left=$(find /dev -name 'ublk[bc]*')
    [ -z "$left" ] || die "left in /dev: $left"
}

attribute() { cat "/sys/block/$1/queue/$2"; }

# Kills the server of a device as a crash would, and waits until the driver has seen it.
crash() { # ID
    local pid
    pid=$(server_of "$1")
    kill -KILL "$pid" || die "no server of $1"
    while [ -e "/proc/$pid" ]; do sleep 0.1; done
}

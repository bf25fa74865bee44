# shellcheck shell=bash
# Shared by the scripts that run inside the virtual machine. Every check that holds prints a line
# "CHECK name"; the first that does not ends the script with status 1.

ARC=${ARC:?path of the arc command}
export ARCFS_NO_BUILD=1
checks=0

note() { printf '%8s  %s\n' "$(cut -d' ' -f1 /proc/uptime)" "$*"; }

check() {
    checks=$((checks + 1))
    printf 'CHECK %s\n' "$1"
    note "ok"
}

die() {
    printf 'FAILED %s\n' "$*"
    tail -n 40 /run/arcfs/ublk/server.log 2>/dev/null
    dmesg | tail -n 15
    exit 1
}

# The arc command: through one JVM that stays where SHELL_CLASSES is set (see ArcShell), else as
# a person runs it.
arc() {
    note "arc $*" >&2
    if [ -z "${SHELL_CLASSES:-}" ]; then
        "$ARC" "$@"
        return
    fi
    [ -p /run/shell/commands ] || start_shell
    (
        IFS=$'\t'
        printf '%s\n' "$*" >/run/shell/commands
    )
    local status
    read -r status </run/shell/exits
    cat /run/shell/err >&2
    cat /run/shell/out
    return "$status"
}

start_shell() {
    local build
    build=$(readlink -f "$(dirname -- "$ARC")/fuse-frontend/target/run/current")
    mkdir -p /run/shell
    mkfifo /run/shell/commands /run/shell/exits
    # For the shell and, by the property, for the servers: C2 costs an emulated machine too much.
    java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m "-Darcfs.device.jvm=$SERVER_JVM" \
        -Djava.library.path="$build/native" --enable-native-access=ALL-UNNAMED \
        -cp "$build/arcfs-app.jar:$SHELL_CLASSES" ArcShell /run/shell </dev/null >/run/shell/log 2>&1 &
    disown
}
SERVER_JVM='-XX:TieredStopAtLevel=1 -Xlog:class+load:file=/run/classes.%p.log'

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
    arc device list --json | python3 -c '
import json, sys
for device in json.load(sys.stdin):
    if device["id"] == int(sys.argv[1]):
        print(*(device[name] for name in sys.argv[2].split(",")))' "$1" "$2"
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

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

arc() {
    note "arc $*"
    "$ARC" "$@"
}

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

# A field of a device in the list.
field() { # ID FIELD
    "$ARC" device list --json | python3 -c '
import json, sys
for device in json.load(sys.stdin):
    if device["id"] == int(sys.argv[1]):
        print(device[sys.argv[2]])' "$1" "$2"
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

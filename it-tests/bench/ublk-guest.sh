#!/bin/bash
# In the virtual machine: ublk-guest.sh ARC UBLK
#
# Four servers stay up: null and loop of either side. Each is warmed up, then measured in turn, so
# that neither a JVM's start nor what the host does meanwhile falls on one side only.
set -u
ARC=$1 UBLK=$2
. "$(dirname -- "$0")/../vm/guest/lib.sh"
# With C2, as servers run.
SERVER_JVM='-XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0'
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-3} warm_up=${WARM_UP:-12}
mkdir -p /run/bench
for side in arcfs ublksrv; do
    fallocate -l 128M /dev/shm/$side # its pages are there, whatever is in them
done
[ "$(arc device start null --id 0 --size 1G --depth 128)" = /dev/ublkb0 ] || die 'arcfs null'
[ "$(arc device start loop --id 1 --file /dev/shm/arcfs --depth 128)" = /dev/ublkb1 ] || die 'arcfs loop'
"$UBLK" add -t null -n 2 -q 1 -d 128 >/run/bench/null.log 2>&1 || die "ublksrv null $(cat /run/bench/null.log)"
"$UBLK" add -t loop -n 3 -q 1 -d 128 -f /dev/shm/ublksrv >/run/bench/loop.log 2>&1 ||
    die "ublksrv loop $(cat /run/bench/loop.log)"
for id in 0 1 2 3; do
    [ -b /dev/ublkb$id ] || die "no /dev/ublkb$id"
done
null_arcfs=/dev/ublkb0 loop_arcfs=/dev/ublkb1 null_ublksrv=/dev/ublkb2 loop_ublksrv=/dev/ublkb3

load() { # DEVICE SECONDS FIO-OPTIONS
    fio --name=x --filename="$1" --direct=1 --ioengine=io_uring --time_based --ramp_time=1 \
        --runtime="$2" --norandommap --minimal "${@:3}" |
        awk -F ';' '{ print ($8 > $49 ? $8 : $49) }' # IOPS of reads, of writes
}
measure() { # NAME SIDE DEVICE FIO-OPTIONS
    local name=$1 side=$2
    shift 2
    load "$1" "$seconds" "${@:2}" >>"/run/bench/$name.$side"
    note "$name $side $(tail -n 1 "/run/bench/$name.$side")"
}
for side in arcfs ublksrv; do
    null=null_$side loop=loop_$side
    load "${!null}" "$warm_up" --rw=randread --bs=4k --iodepth=128 >/dev/null
    load "${!loop}" "$warm_up" --rw=randread --bs=4k --iodepth=32 >/dev/null
done
for round in $(seq 1 "$rounds"); do
    # Who is first changes, too.
    sides='arcfs ublksrv'
    [ $((round % 2)) = 1 ] || sides='ublksrv arcfs'
    for side in $sides; do
        null=null_$side loop=loop_$side
        measure null-depth-1 $side "${!null}" --rw=randread --bs=4k --iodepth=1
        measure null-depth-128 $side "${!null}" --rw=randread --bs=4k --iodepth=128
        measure loop-4k-random $side "${!loop}" --rw=randread --bs=4k --iodepth=32
        measure loop-128k-sequential $side "${!loop}" --rw=read --bs=128k --iodepth=8
    done
done
PATH=/usr/bin:$PATH python3 - <<'P'
import glob, os, statistics
goals = {"null": 0.7, "loop": 0.9}
print(f"{'IOPS':22} {'arcfs median (min-max)':>32} {'ublksrv median (min-max)':>32}  ratio  goal")
for path in sorted(glob.glob("/run/bench/*.arcfs")):
    name = os.path.basename(path)[: -len(".arcfs")]
    runs = {s: [float(x) for x in open(f"/run/bench/{name}.{s}")] for s in ("arcfs", "ublksrv")}
    text = {s: f"{statistics.median(r):.0f} ({min(r):.0f}-{max(r):.0f})" for s, r in runs.items()}
    ratio = statistics.median(runs["arcfs"]) / statistics.median(runs["ublksrv"])
    print(f"{name:22} {text['arcfs']:>32} {text['ublksrv']:>32}  {ratio:5.2f}  {goals[name[:4]]}")
P

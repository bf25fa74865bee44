#!/bin/bash
# In the virtual machine: ublk-guest.sh ARC UBLK
set -u
ARC=$1 UBLK=$2
export ARCFS_NO_BUILD=1
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-5}
mkdir -p /run/bench
truncate -s 256M /dev/shm/back
dd if=/dev/urandom of=/dev/shm/back bs=1M count=256 conv=notrunc status=none

start() { # SERVER TARGET DEPTH
    case $1-$2 in
    arcfs-null) "$ARC" device start null --size 1G --depth "$3" ;;
    arcfs-loop) "$ARC" device start loop --file /dev/shm/back --depth "$3" ;;
    ublksrv-null) "$UBLK" add -t null -q 1 -d "$3" ;;
    ublksrv-loop) "$UBLK" add -t loop -q 1 -d "$3" -f /dev/shm/back ;;
    esac >/run/bench/start.log 2>&1 || {
        cat /run/bench/start.log
        exit 1
    }
    for _ in $(seq 1 100); do
        [ -b /dev/ublkb0 ] && return
        sleep 0.1
    done
    echo "no /dev/ublkb0 from $1"
    exit 1
}
stop() {
    case $1 in
    arcfs) "$ARC" device stop 0 >/dev/null ;;
    ublksrv) "$UBLK" del -n 0 >/dev/null ;;
    esac
}
measure() { # NAME FIO-OPTIONS
    local name=$1
    shift
    fio --name=x --filename=/dev/ublkb0 --direct=1 --ioengine=io_uring --time_based --ramp_time=2 \
        --runtime="$seconds" --norandommap --output-format=json "$@" |
        python3 -c 'import json, sys
job = json.load(sys.stdin)["jobs"][0]
print(round(max(job["read"]["iops"], job["write"]["iops"]), 1))' >>"/run/bench/$name"
}
for round in $(seq 1 "$rounds"); do
    for server in arcfs ublksrv; do
        start $server null 128
        measure "null-depth-1.$server" --rw=randread --bs=4k --iodepth=1
        measure "null-depth-128.$server" --rw=randread --bs=4k --iodepth=128
        stop $server
        start $server loop 128
        measure "loop-4k-random.$server" --rw=randread --bs=4k --iodepth=32
        measure "loop-128k-sequential.$server" --rw=read --bs=128k --iodepth=8
        stop $server
        echo "round $round $server done"
    done
done
python3 - <<'P'
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

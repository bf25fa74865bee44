#!/bin/bash
# In the virtual machine: devices of targets null and loop, from the outside.
#   devices.sh ARC short|long
set -u
ARC=$1 form=$2
. "$(dirname -- "$0")/lib.sh"
cd /
truncate -s 256M /dev/shm/back
mkdir -p /mnt/loop
case $form in
short) crashes=2 megabytes=6 ;;
long) crashes=10 megabytes=24 ;;
*) die "short or long" ;;
esac

# --- without the driver
without_driver() {
    rmmod ublk_drv
    refused 'no ublk driver' device start null
    [ "$(arc device list --json)" = '[ ]' ] || die 'list without a driver'
    modprobe ublk_drv || die 'no ublk_drv'
    check without-driver
}
section without_driver

# --- who may not
not_allowed() {
    sysctl -qw kernel.io_uring_disabled=2
    refused 'io_uring is disabled' device start null
    sysctl -qw kernel.io_uring_disabled=0
    SHELL_USER=65534
    refused 'no permission to use /dev/ublk-control' device start null
    chmod 0666 /dev/ublk-control
    refused 'no permission to make a device' device start null
    check not-allowed
}
section not_allowed

# --- and who may after all: a device of an ordinary user, whose node udev would give to its owner
unprivileged() {
    chmod 0666 /dev/ublk-control
    SHELL_USER=65534
    (
        for _ in $(seq 120); do
            [ -e /dev/ublkc5 ] && chown 65534 /dev/ublkc5 && break
            sleep 1
        done
    ) &
    [ "$(arc device start null --size 64M --id 5 --unprivileged)" = /dev/ublkb5 ] || die 'start unprivileged'
    wait
    dd if=/dev/ublkb5 of=/dev/null bs=64k count=20 iflag=direct status=none || die 'read unprivileged'
    [ "$(field 5 state,target)" = 'LIVE null' ] || die 'its owner does not see it'
    arc device stop 5 || die 'stop unprivileged'
    no_nodes
    chmod 0600 /dev/ublk-control
    check unprivileged
}
section unprivileged

# --- arguments and backing files that cannot be
bad_backing() {
    refused 'no such file' device start loop --file /nowhere
    truncate -s 5000 /dev/shm/odd
    refused 'not a multiple of the block size' device start loop --file /dev/shm/odd
    : >/dev/shm/empty
    refused 'is empty' device start loop --file /dev/shm/empty
    refused 'neither a file nor a block device' device start loop --file /dev/null
    refused 'a multiple of the block size' device start null --size 1000
    no_nodes
    check bad-backing
}
section bad_backing

# --- the command numbers of old kernels; a backing that is cut, then gone, under a live device
legacy() {
    truncate -s 8M /dev/shm/small
    arc property arcfs.ublk.encoding legacy
    arc property arcfs.device.jvm "$SERVER_JVM -Darcfs.ublk.encoding=legacy"
    [ "$(arc device start loop --file /dev/shm/small --id 3)" = /dev/ublkb3 ] || die 'start legacy'
    dd if=/dev/urandom of=/dev/ublkb3 bs=64k count=16 oflag=direct status=none || die 'write legacy'
    cmp -n 1048576 /dev/ublkb3 /dev/shm/small || die 'bytes with legacy numbers'
    check legacy-numbers
    truncate -s 4M /dev/shm/small
    dd if=/dev/ublkb3 of=/dev/null bs=64k skip=100 count=1 iflag=direct status=none 2>/dev/null &&
        die 'bytes that are lost were read'
    dd if=/dev/ublkb3 of=/dev/null bs=64k count=16 iflag=direct status=none || die 'the rest is lost, too'
    crash 3
    refused 'too small for the 8388608' device recover 3
    rm /dev/shm/small
    refused 'No such file' device recover
    arc device del 3 || die 'del'
    arc property arcfs.ublk.encoding ioctl
    arc property arcfs.device.jvm "$SERVER_JVM"
    no_nodes
    check cut-and-vanished-backing
}
section legacy

# --- null: parameters, and what the driver shows of them
null_target() {
    [ "$(arc device start null --size 1G --queues 2 --depth 64 --id 7)" = /dev/ublkb7 ] || die 'start null'
    [ "$(cat /sys/block/ublkb7/size)" = 2097152 ] || die 'size'
    [ "$(find /sys/block/ublkb7/mq -mindepth 1 -maxdepth 1 | wc -l)" = 2 ] || die 'queues'
    [ "$(cat /sys/block/ublkb7/mq/0/nr_tags)" = 64 ] || die 'depth'
    [ "$(attribute ublkb7 write_cache)" = 'write through' ] || die 'null has no cache'
    dd if=/dev/ublkb7 of=/dev/null bs=128k count=200 iflag=direct status=none || die 'read null'
    dd if=/dev/zero of=/dev/ublkb7 bs=64k count=200 oflag=direct status=none || die 'write null'
    blkdiscard /dev/ublkb7 || die 'discard null'
    check null-serves
    refused 'taken' device start null --id 7
    [ -e /dev/ublkb7 ] || die 'the device went with the refusal'
    refused 'is served by pid' device recover 7
    check second-server-refused
    crash 7
    seen=$(field 7 state,pid,target)
    [ "$seen" = 'QUIESCED null null' ] || die "list says $seen"
    arc device del --all || die 'del'
    no_nodes
    check leftovers-deleted
}
section null_target

# --- loop on a file: a file system, verified I/O, discard
loop_target() {
    arc property arcfs.device.jvm "$SERVER_JVM -Xlog:class+load:file=/run/classes.%p.log"
    [ "$(arc device start loop --file /dev/shm/back --queues 2 --depth 64)" = /dev/ublkb0 ] || die 'start loop'
    arc property arcfs.device.jvm "$SERVER_JVM"
    pid=$(server_of 0)
    classes=/run/classes.$pid.log
    [ -s "$classes" ] || die 'no log of classes'
    live_classes=$(wc -l <"$classes")
    for stat in /proc/"$pid"/task/*/stat; do
        # PF_MEMALLOC_NOIO and PF_LOCAL_THROTTLE, in every thread that can allocate for a request.
        line=$(<"$stat")
        read -r _ _ _ _ _ _ flags _ <<<"${line##*) }"
        [ $((flags & 0x180000)) = $((0x180000)) ] || die "thread not an I/O flusher: $line"
    done
    grep -q '^VmLck:.* [1-9][0-9]* kB' "/proc/$pid/status" || die 'memory not locked'
    check flusher-and-locked
    [ "$(attribute ublkb0 write_cache)" = 'write back' ] || die 'cache'
    [ "$(attribute ublkb0 fua)" = 1 ] || die 'fua'
    refused 'is served already' device start loop --file /dev/shm/back
    mkfs.ext4 -q -E lazy_itable_init=0 /dev/ublkb0 || die mkfs
    mount -o discard /dev/ublkb0 /mnt/loop || die mount
    refused 'is mounted at /mnt/loop' device stop 0
    fio --name=verify --directory=/mnt/loop --size="${megabytes}m" --numjobs=4 --rw=randrw \
        --bssplit=4k/40:16k/30:64k/20:128k/10 --ioengine=psync --direct=1 --fsync=32 \
        --verify=crc32c --verify_fatal=1 --group_reporting --minimal >/run/fio.out || die "fio $(cat /run/fio.out)"
    check loop-verified
    rm -f /mnt/loop/verify*
    sync
    before=$(stat -c %b /dev/shm/back)
    dd if=/dev/urandom of=/mnt/loop/ballast bs=1M count=32 conv=fsync status=none || die dd
    full=$(stat -c %b /dev/shm/back)
    rm /mnt/loop/ballast
    sync
    fstrim /mnt/loop || die fstrim
    after=$(stat -c %b /dev/shm/back)
    [ "$after" -lt $((full - 40000)) ] || die "discard freed nothing: $before $full $after"
    umount /mnt/loop || die umount
    e2fsck -fn /dev/ublkb0 >/run/fsck.out 2>&1 || die "fsck $(cat /run/fsck.out)"
    check loop-discard-and-fsck
    dd if=/dev/urandom of=/dev/ublkb0 bs=1M count=2 seek=100 oflag=direct status=none || die 'write'
    blkdiscard -z -o 104857600 -l 1048576 /dev/ublkb0 || die 'write zeroes'
    cmp -n 1048576 /dev/zero /dev/shm/back -i 0:104857600 || die 'zeroes are not zero'
    check write-zeroes
    # Nothing of ours was loaded while requests ran.
    late=$(tail -n +$((live_classes + 1)) "$classes" | grep 'io\.arcfs\.\(ublk\|uring\|device\|posix\)')
    [ -z "$late" ] || die "classes loaded under requests: $late"
    check classes-loaded-before
}
section loop_target

# --- kill -9 under verified I/O, and recovery
crashes_under_load() {
    [ -b /dev/ublkb0 ] || arc device start loop --file /dev/shm/back --queues 2 --depth 64 || die start
    pid=$(server_of 0)
    mkfs.ext4 -q -E lazy_itable_init=0 /dev/ublkb0 || die mkfs
    mount /dev/ublkb0 /mnt/loop || die mount
    fio --name=crash --directory=/mnt/loop --size="${megabytes}m" --numjobs=4 --rw=randrw --time_based \
        --runtime=3600 --bssplit=4k/50:32k/50 --ioengine=psync --direct=1 --verify=crc32c --verify_fatal=1 \
        --verify_backlog=64 --group_reporting --minimal >/run/fio-crash.out 2>&1 &
    fio=$!
    for round in $(seq 1 $crashes); do
        sleep 3
        kill -0 $fio 2>/dev/null || die "fio ended early: $(cat /run/fio-crash.out)"
        crash 0
        if [ "$round" = 1 ]; then
            [ "$(field 0 state,backing)" = 'QUIESCED /dev/shm/back' ] || die 'not quiesced'
            arc device recover 0 || die recover
        else
            arc device recover || die 'recover all'
        fi
        [ "$(server_of 0)" != "$pid" ] || die 'the old server'
        pid=$(server_of 0)
        note "recovered round $round"
    done
    sleep 3
    kill -INT $fio
    wait $fio
    status=$?
    # Interrupted as asked, without an error of its own.
    grep -qi 'verify\|error=\|bad ' /run/fio-crash.out && die "fio: $(cat /run/fio-crash.out)"
    [ $status = 0 ] || [ $status = 128 ] || [ $status = 130 ] || die "fio status $status: $(cat /run/fio-crash.out)"
    umount /mnt/loop || die umount
    e2fsck -fn /dev/ublkb0 >/run/fsck.out 2>&1 || die "fsck after crashes $(cat /run/fsck.out)"
    dmesg | grep -i 'I/O error.*ublkb0' && die 'the device gave errors'
    note "crashes=$crashes"
    check recovered-under-load
}
section crashes_under_load

# --- stop under I/O
stop_under_load() {
    [ -b /dev/ublkb0 ] || arc device start loop --file /dev/shm/back || die start
    pid=$(server_of 0)
    dd if=/dev/ublkb0 of=/dev/null bs=4k iflag=direct status=none 2>/run/dd.err &
    dd=$!
    ( while dd if=/dev/ublkb0 of=/dev/null bs=64k iflag=direct status=none 2>/dev/null; do :; done ) &
    arc device stop /dev/ublkb0 || die stop
    wait $dd 2>/dev/null
    wait
    no_nodes
    [ ! -e "/proc/$pid" ] || die 'the server still runs'
    check stop-under-io
}
section stop_under_load

# --- the other ways of the bytes, on a disk whose flushes can be counted
flushes() { awk '{print $16}' /sys/block/vda/stat; }
data_path() {
    local data=$1 disk=/dev/vda before after
    [ "$(arc device start loop --file $disk --depth 32 --data $data)" = /dev/ublkb0 ] || die "start $data"
    before=$(flushes)
    dd if=/dev/urandom of=/run/pattern bs=64k count=16 status=none
    dd if=/run/pattern of=/dev/ublkb0 bs=64k oflag=direct conv=fsync status=none || die write
    after=$(flushes)
    [ "$after" -gt "$before" ] || die "a flush did not reach the disk: $before $after"
    dd if=/dev/ublkb0 of=/run/back bs=64k count=16 iflag=direct status=none || die read
    cmp /run/pattern /run/back || die "bytes differ with $data"
    # Each of these is durable when it is answered: FUA here, a flush on the disk.
    before=$(flushes)
    dd if=/run/pattern of=/dev/ublkb0 bs=4k count=8 oflag=direct,dsync status=none || die 'write durably'
    after=$(flushes)
    [ "$after" -ge $((before + 8)) ] || die "durable writes were not flushed: $before $after"
    fio --name=$data --filename=/dev/ublkb0 --size="${megabytes}m" --rw=randrw --bsrange=4k-128k \
        --ioengine=io_uring --iodepth=16 --direct=1 --verify=crc32c --verify_fatal=1 --minimal \
        >/run/fio.out || die "fio $data $(cat /run/fio.out)"
    arc device stop 0 || die stop
    no_nodes
    check "data-$data"
}
user_copy() { data_path user-copy; }
get_data() { data_path get-data; }
zero_copy() { data_path zero-copy; }
section user_copy
section get_data
case $(uname -r) in
6.[0-9].* | 6.1[0-5].*) note 'no zero copy on this kernel' ;;
*) section zero_copy ;;
esac
verdict "$form"

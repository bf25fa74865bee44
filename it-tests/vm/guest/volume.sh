#!/bin/bash
# In the virtual machine: a volume whose tier is exported as a block device.
#   volume.sh ARC short|long
set -u
ARC=$1 form=$2
. "$(dirname -- "$0")/lib.sh"
cd /
# A failure ends this script: what follows builds on it.
modprobe fuse
modprobe erofs
mkdir -p /data /mnt/volume /mnt/image
mkfs.ext4 -q /dev/vda && mount /dev/vda /data || die 'no disk'
V=/data/volume

# A tree with what trees have: sizes around blocks and chunks, a hole, links, odd names.
T=/data/tree
mkdir -p "$T/deep/er/still" "$T/empty"
for size in 0 1 4095 4096 4097 65536 1000000; do
    head -c $size /dev/urandom >"$T/file-$size"
done
[ "$form" = short ] || for n in $(seq 1 12); do head -c $((n * 300000)) /dev/urandom >"$T/deep/large-$n"; done
head -c 5000000 /dev/urandom >"$T/deep/chunks"
truncate -s 9000000 "$T/deep/er/hole"
printf tail >>"$T/deep/er/hole"
ln "$T/file-4097" "$T/deep/linked"
ln -s ../file-1 "$T/deep/link"
cp /usr/include/stdio.h "$T/deep/er/still/ n a m e"
chmod 0640 "$T/file-1"

arc mkfs "$V" --cold "sim:/data/cold?mount=0s&locate=0s&mbps=1000" || die mkfs
sed -i 's/"device" *: *"[a-z]*"/"device" : "ublk"/' "$V/arc.json"
grep -q '"device" : "ublk"' "$V/arc.json" || die "arc.json: $(cat "$V/arc.json")"
refused 'no server exports the volume' mount "$V" /mnt/volume
check not-exported-refused
[ "$(arc device start volume "$V")" = /dev/ublkb0 ] || die 'start volume'
[ "$(cat /sys/block/ublkb0/queue/write_cache)" = 'write through' ] || die 'a completed write must survive the server'
refused 'is served already' device start volume "$V"
cmp -n 1048576 /dev/zero /dev/ublkb0 || die 'the first MiB is not zeros'
dd if=/dev/zero of=/dev/ublkb0 bs=4096 count=1 seek=10000 oflag=direct status=none 2>/dev/null &&
    die 'a write outside of what is granted was taken'
check exported
arc mount "$V" /mnt/volume || die mount
arc status "$V" --json | grep -q '"device" : "/dev/ublkb0"' || die 'status says another device'
refused 'its volume is open by pid' device stop 0
cp -a "$T/." /mnt/volume/ || die cp
arc archive "$V" || die archive
mkdir /mnt/volume/later
cp /usr/include/stdlib.h /mnt/volume/later/
cp /usr/include/stdlib.h /data/stdlib.h
rm /mnt/volume/file-65536
arc archive "$V" || die 'archive again'
arc merge "$V" --all || die merge
arc flush "$V" || die flush
arc evict "$V" || die evict
check archived-through-the-device

# The truth, as the volume must show it.
mkdir "$T/later"
cp /data/stdlib.h "$T/later/"
rm "$T/file-65536"
[ "$(find "$V/images" -name 'meta.*' | wc -l)" = 1 ] || die "images: $(ls "$V/images")"
image=$(find "$V/images" -name 'meta.*')
mount -t erofs -o "ro,device=/dev/ublkb0" "$image" /mnt/image || die 'erofs mount'
diff -r --no-dereference "$T" /mnt/image || die 'the kernel sees other bytes'
( cd "$T" && find . -printf '%P %y %m %U %G %l\n' | sort ) >/run/truth
( cd /mnt/image && find . -printf '%P %y %m %U %G %l\n' | sort ) >/run/shown
diff /run/truth /run/shown || die 'the kernel sees other attributes'
check kernel-erofs-reads-every-byte
arc status "$V" --json >/run/status.json
grep -q '"objectsRead" : [1-9]' /run/status.json || die "nothing was recalled: $(cat /run/status.json)"
check recalled-from-cold

# One queue, and a read in it that waits for its medium: others are served meanwhile.
arc evict "$V" || die evict
echo 3 >/proc/sys/vm/drop_caches
echo 'slow 6000' >/data/cold/faults
sha256sum /mnt/image/deep/chunks >/run/slow-sum &
slow=$!
sleep 1
begin=$(cut -d. -f1 /proc/uptime)
dd if=/dev/ublkb0 of=/dev/null bs=64k count=16 iflag=direct status=none || die 'read beside a slow one'
# 6 TiB from here nothing was ever written: no medium is asked.
dd if=/dev/ublkb0 of=/run/unwritten bs=64k count=1 skip=100000000 iflag=direct status=none ||
    die 'read what was never written'
cmp -n 65536 /run/unwritten /dev/zero || die 'what was never written is not zeros'
took=$(($(cut -d. -f1 /proc/uptime) - begin))
[ "$took" -lt 4 ] || die "a slow request held up another for $took s"
kill -0 $slow 2>/dev/null || die 'the slow read was not slow'
rm /data/cold/faults
wait $slow || die 'the slow read failed'
[ "$(cut -d' ' -f1 /run/slow-sum)" = "$(sha256sum <"$T/deep/chunks" | cut -d' ' -f1)" ] || die 'slow bytes'
check slow-requests-hold-up-nothing
umount /mnt/image || die umount
arc evict "$V" || die evict
diff -r --no-dereference "$T" /mnt/volume || die 'the mount sees other bytes'
check mount-reads-through-the-device

# The server dies under readers; what is mounted sees nothing of it.
arc evict "$V" || die evict
( for _ in 1 2 3; do
    echo 3 >/proc/sys/vm/drop_caches
    find /mnt/volume -type f -print0 | xargs -0 sha256sum
done ) >/run/read-sums 2>/run/read-errors &
reader=$!
sleep 1
crash 0
arc device recover || die recover
wait $reader
[ ! -s /run/read-errors ] || die "a reader saw the crash: $(cat /run/read-errors)"
diff -r --no-dereference "$T" /mnt/volume || die 'other bytes after recovery'
check recovered-under-readers
arc umount "$V" || die umount
arc device stop 0 || die stop
no_nodes
[ ! -e "$V/tier/socket" ] || die 'the socket stays'
# In-process again, over the same bytes, on a machine that has neither ublk nor io_uring.
rmmod ublk_drv || die 'ublk is still used'
sysctl -qw kernel.io_uring_disabled=2
sed -i 's/"device" *: *"ublk"/"device" : "auto"/' "$V/arc.json"
arc mount "$V" /mnt/volume || die 'mount in-process'
arc status "$V" --json | grep -q '"device" : "inprocess"' || die 'not in-process'
refused 'no ublk driver' device start volume "$V"
sysctl -qw kernel.io_uring_disabled=0
modprobe ublk_drv
refused 'its tier is in use' device start volume "$V"
no_nodes
diff -r --no-dereference "$T" /mnt/volume || die 'other bytes in-process'
arc umount "$V" || die umount
check in-process-again
verdict "$form"

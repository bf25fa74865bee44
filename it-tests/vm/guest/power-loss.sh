#!/bin/bash
# Runs inside the machine that PowerLossInMachineIT kills:
#
#   power-loss.sh STORE OPTIONS NOTES COMMAND [ARGUMENT]...
#
# The disk is mounted at STORE. NOTES is the first share, mounted again so that each write has
# reached the host when it returns: what is noted there was acknowledged.
set -eu
store=$1 options=$2 notes=$3
shift 3
umount "$notes"
mount -t 9p -o trans=virtio,version=9p2000.L,cache=none s0 "$notes"
mount -t ext4 -o "$options" /dev/vda "$store"
exec "$@"

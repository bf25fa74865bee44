package io.arcfs.overlay.catalog;

import java.nio.charset.StandardCharsets;

/**
 * Counters and identity of the catalog.
 *
 * @param nextInode no inode has this number or a higher one
 * @param nextAppendFile no append file has this number or a higher one
 * @param bootId the kernel's boot_id when the volume was last opened: tells a dead process from a
 *     lost machine
 */
public record VolumeState(long nextInode, long nextAppendFile, String bootId) {
    private static final int VERSION = 1;

    byte[] toBytes() {
        return new RecordWriter(VERSION)
                .i64(nextInode)
                .i64(nextAppendFile)
                .bytes(bootId.getBytes(StandardCharsets.US_ASCII))
                .toBytes();
    }

    static VolumeState of(byte[] bytes) {
        RecordReader r = new RecordReader("volume state", VERSION, bytes);
        return new VolumeState(r.i64(), r.i64(), new String(r.bytes(), StandardCharsets.US_ASCII));
    }
}

package io.arcfs.overlay.catalog;

import io.arcfs.tier.ContainerId;

/**
 * Allocation of one container: every address below {@code usedEnd} belongs to a committed image.
 *
 * @param usedEnd device address behind the last allocated byte
 * @param closed takes no more blocks; the tier may still have to be told
 */
public record ContainerRecord(ContainerId id, long usedEnd, boolean closed) {
    private static final int VERSION = 1;

    byte[] toBytes() {
        return new RecordWriter(VERSION)
                .i32(id.number())
                .i32(id.sequence())
                .i64(usedEnd)
                .u8(closed ? 1 : 0)
                .toBytes();
    }

    static ContainerRecord of(byte[] bytes) {
        RecordReader r = new RecordReader("container record", VERSION, bytes);
        return new ContainerRecord(new ContainerId(r.i32(), r.i32()), r.i64(), r.u8() == 1);
    }
}

package io.arcfs.ublk.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/** {@code struct ublksrv_io_desc}: what a tag's request is, in memory the kernel writes. */
public final class IoDescriptorLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("op_flags"),
                    JAVA_INT.withName("nr_sectors"),
                    JAVA_LONG.withName("start_sector"),
                    JAVA_LONG.withName("addr"));

    public static final long OP_FLAGS = offset("op_flags");
    public static final long NR_SECTORS = offset("nr_sectors");
    public static final long START_SECTOR = offset("start_sector");
    public static final long SIZE_BYTES = LAYOUT.byteSize();

    public static final int OP_MASK = 0xFF;
    public static final int OP_READ = 0;
    public static final int OP_WRITE = 1;
    public static final int OP_FLUSH = 2;
    public static final int OP_DISCARD = 3;
    public static final int OP_WRITE_ZEROES = 5;

    /** Tested against the whole word, not against what {@code ublksrv_get_flags} shifts out. */
    public static final int F_FUA = 1 << 13;

    public static final int F_NOUNMAP = 1 << 15;

    /** The most a queue may have; fixes where each queue's array is mapped. */
    public static final int MAX_QUEUE_DEPTH = 4096;

    private static final long PAGE_BYTES = 4096;

    private IoDescriptorLayout() {}

    /** Where the array of a queue is to be mapped: by the largest depth, not by its own. */
    public static long mapOffset(int queue) {
        return queue * roundUp(MAX_QUEUE_DEPTH * SIZE_BYTES);
    }

    public static long mapBytes(int depth) {
        return roundUp(depth * SIZE_BYTES);
    }

    private static long roundUp(long bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(PathElement.groupElement(field));
    }
}

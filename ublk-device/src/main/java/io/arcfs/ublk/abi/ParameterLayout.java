package io.arcfs.ublk.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/**
 * The head of {@code struct ublk_params}, the same in every kernel: basic, discard and devt. Later
 * kernels go on behind it; the length in its first field says how much is meant.
 */
public final class ParameterLayout {
    public static final StructLayout BASIC =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("attrs"),
                    JAVA_BYTE.withName("logical_bs_shift"),
                    JAVA_BYTE.withName("physical_bs_shift"),
                    JAVA_BYTE.withName("io_opt_shift"),
                    JAVA_BYTE.withName("io_min_shift"),
                    JAVA_INT.withName("max_sectors"),
                    JAVA_INT.withName("chunk_sectors"),
                    JAVA_LONG.withName("dev_sectors"),
                    JAVA_LONG.withName("virt_boundary_mask"));

    public static final StructLayout DISCARD =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("discard_alignment"),
                    JAVA_INT.withName("discard_granularity"),
                    JAVA_INT.withName("max_discard_sectors"),
                    JAVA_INT.withName("max_write_zeroes_sectors"),
                    JAVA_SHORT.withName("max_discard_segments"),
                    JAVA_SHORT.withName("reserved0"));

    public static final StructLayout DEVT =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("char_major"),
                    JAVA_INT.withName("char_minor"),
                    JAVA_INT.withName("disk_major"),
                    JAVA_INT.withName("disk_minor"));

    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("len"),
                    JAVA_INT.withName("types"),
                    BASIC.withName("basic"),
                    DISCARD.withName("discard"),
                    DEVT.withName("devt"),
                    MemoryLayout.paddingLayout(4));

    public static final int TYPE_BASIC = 1;
    public static final int TYPE_DISCARD = 1 << 1;
    public static final int TYPE_DEVT = 1 << 2;

    public static final int ATTR_READ_ONLY = 1;
    public static final int ATTR_ROTATIONAL = 1 << 1;
    public static final int ATTR_VOLATILE_CACHE = 1 << 2;
    public static final int ATTR_FUA = 1 << 3;

    public static final long LEN = 0;
    public static final long TYPES = 4;
    private static final long BASIC_AT = LAYOUT.byteOffset(PathElement.groupElement("basic"));
    private static final long DISCARD_AT = LAYOUT.byteOffset(PathElement.groupElement("discard"));

    public static final long ATTRS = BASIC_AT + offset(BASIC, "attrs");
    public static final long LOGICAL_BS_SHIFT = BASIC_AT + offset(BASIC, "logical_bs_shift");
    public static final long PHYSICAL_BS_SHIFT = BASIC_AT + offset(BASIC, "physical_bs_shift");
    public static final long IO_OPT_SHIFT = BASIC_AT + offset(BASIC, "io_opt_shift");
    public static final long IO_MIN_SHIFT = BASIC_AT + offset(BASIC, "io_min_shift");
    public static final long MAX_SECTORS = BASIC_AT + offset(BASIC, "max_sectors");
    public static final long DEV_SECTORS = BASIC_AT + offset(BASIC, "dev_sectors");
    public static final long DISCARD_GRANULARITY =
            DISCARD_AT + offset(DISCARD, "discard_granularity");
    public static final long MAX_DISCARD_SECTORS =
            DISCARD_AT + offset(DISCARD, "max_discard_sectors");
    public static final long MAX_WRITE_ZEROES_SECTORS =
            DISCARD_AT + offset(DISCARD, "max_write_zeroes_sectors");
    public static final long MAX_DISCARD_SEGMENTS =
            DISCARD_AT + offset(DISCARD, "max_discard_segments");

    private ParameterLayout() {}

    private static long offset(StructLayout struct, String field) {
        return struct.byteOffset(PathElement.groupElement(field));
    }
}

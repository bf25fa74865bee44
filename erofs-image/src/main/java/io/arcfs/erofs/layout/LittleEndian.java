package io.arcfs.erofs.layout;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Unaligned little-endian integers, the only kind the format has. Immutable. */
public final class LittleEndian {
    static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    public static int u8(MemorySegment bytes, long offset) {
        return Byte.toUnsignedInt(bytes.get(U8, offset));
    }

    public static int u16(MemorySegment bytes, long offset) {
        return Short.toUnsignedInt(bytes.get(U16, offset));
    }

    public static long u32(MemorySegment bytes, long offset) {
        return Integer.toUnsignedLong(bytes.get(U32, offset));
    }

    /** All 64 bits; an unsigned field above 2^63-1 shows as negative. */
    public static long i64(MemorySegment bytes, long offset) {
        return bytes.get(U64, offset);
    }

    public static void putU8(MemorySegment bytes, long offset, int value) {
        bytes.set(U8, offset, (byte) value);
    }

    public static void putU16(MemorySegment bytes, long offset, int value) {
        bytes.set(U16, offset, (short) value);
    }

    public static void putU32(MemorySegment bytes, long offset, long value) {
        bytes.set(U32, offset, (int) value);
    }

    public static void putI64(MemorySegment bytes, long offset, long value) {
        bytes.set(U64, offset, value);
    }

    static MemoryLayout bytes(String name, long count) {
        return MemoryLayout.sequenceLayout(count, U8).withName(name);
    }

    static long offset(StructLayout struct, String field) {
        return struct.byteOffset(PathElement.groupElement(field));
    }
}

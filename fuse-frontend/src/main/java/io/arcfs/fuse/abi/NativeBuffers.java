package io.arcfs.fuse.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Memory that somebody else owns, by address: the structures, names and data buffers that a FUSE
 * library hands to a callback, used in place.
 *
 * <p>An address is good only as long as its owner says, which for a callback is until it returns;
 * nothing here can check that. Thread-safe.
 */
@SuppressWarnings("restricted") // the one place that gives foreign addresses a size
public final class NativeBuffers {
    private static final MemorySegment EVERYTHING = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private NativeBuffers() {}

    /** The {@code lengthBytes} bytes at {@code address}, not copied. */
    public static MemorySegment at(long address, long lengthBytes) {
        return EVERYTHING.asSlice(address, lengthBytes);
    }

    public static byte getByte(long address) {
        return EVERYTHING.get(JAVA_BYTE, address);
    }

    public static int getInt(long address) {
        return EVERYTHING.get(JAVA_INT_UNALIGNED, address);
    }

    public static long getLong(long address) {
        return EVERYTHING.get(JAVA_LONG_UNALIGNED, address);
    }

    public static void putByte(long address, byte value) {
        EVERYTHING.set(JAVA_BYTE, address, value);
    }

    public static void putInt(long address, int value) {
        EVERYTHING.set(JAVA_INT_UNALIGNED, address, value);
    }

    public static void putLong(long address, long value) {
        EVERYTHING.set(JAVA_LONG_UNALIGNED, address, value);
    }

    /** Copies bytes out. */
    public static byte[] getBytes(long address, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(EVERYTHING, JAVA_BYTE, address, bytes, 0, length);
        return bytes;
    }

    /** Copies bytes in. */
    public static void putBytes(long address, byte[] bytes, int length) {
        MemorySegment.copy(bytes, 0, EVERYTHING, JAVA_BYTE, address, length);
    }

    /** The bytes of a NUL-terminated string, without the NUL. */
    public static byte[] getCString(long address) {
        int length = 0;
        while (getByte(address + length) != 0) {
            length++;
        }
        return getBytes(address, length);
    }

    public static void zero(long address, long lengthBytes) {
        at(address, lengthBytes).fill((byte) 0);
    }
}

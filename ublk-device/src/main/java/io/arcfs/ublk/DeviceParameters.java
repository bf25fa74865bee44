package io.arcfs.ublk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.arcfs.ublk.abi.ParameterLayout;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a device promises to those who use it. Immutable.
 *
 * @param sizeBytes a multiple of the logical block
 * @param logicalBlockBytes 512 to 4096, a power of two: the unit of addressing
 * @param physicalBlockBytes at least the logical block: what is written at once without reading
 * @param maxRequestBytes the largest read or write, at least 4096
 * @param discardBytes the largest discard and write-zeroes; 0 when the device does neither
 */
public record DeviceParameters(
        long sizeBytes,
        int logicalBlockBytes,
        int physicalBlockBytes,
        int maxRequestBytes,
        long discardBytes,
        Set<Attribute> attributes) {
    private static final int SECTOR_SHIFT = 9;

    /** What is true of the device's writes. */
    public enum Attribute {
        READ_ONLY(ParameterLayout.ATTR_READ_ONLY),
        ROTATIONAL(ParameterLayout.ATTR_ROTATIONAL),
        /** A completed write is durable only after a flush. Without it every write must be. */
        VOLATILE_CACHE(ParameterLayout.ATTR_VOLATILE_CACHE),
        /** A single write can be asked to be durable. */
        FUA(ParameterLayout.ATTR_FUA);

        private final int mask;

        Attribute(int mask) {
            this.mask = mask;
        }
    }

    public DeviceParameters {
        requirePowerOfTwo("logical block", logicalBlockBytes, 512, 4096);
        requirePowerOfTwo("physical block", physicalBlockBytes, logicalBlockBytes, 1 << 28);
        if (sizeBytes <= 0 || sizeBytes % logicalBlockBytes != 0) {
            throw new IllegalArgumentException(
                    sizeBytes + " bytes are not a multiple of the block of " + logicalBlockBytes);
        }
        if (maxRequestBytes < 4096 || maxRequestBytes % 4096 != 0) {
            throw new IllegalArgumentException(
                    "largest request is " + maxRequestBytes + ": a multiple of 4096");
        }
        attributes = Set.copyOf(attributes);
    }

    private static void requirePowerOfTwo(String what, int value, int least, int most) {
        if (Integer.bitCount(value) != 1 || value < least || value > most) {
            throw new IllegalArgumentException(
                    what + " is " + value + ": a power of two from " + least + " to " + most);
        }
    }

    void encode(MemorySegment target) {
        target.fill((byte) 0);
        target.set(JAVA_INT, ParameterLayout.LEN, (int) target.byteSize());
        target.set(
                JAVA_INT,
                ParameterLayout.TYPES,
                ParameterLayout.TYPE_BASIC | (discardBytes > 0 ? ParameterLayout.TYPE_DISCARD : 0));
        int attrs = attributes.stream().mapToInt(a -> a.mask).reduce(0, (a, b) -> a | b);
        target.set(JAVA_INT, ParameterLayout.ATTRS, attrs);
        byte logical = shift(logicalBlockBytes);
        byte physical = shift(physicalBlockBytes);
        target.set(JAVA_BYTE, ParameterLayout.LOGICAL_BS_SHIFT, logical);
        target.set(JAVA_BYTE, ParameterLayout.PHYSICAL_BS_SHIFT, physical);
        target.set(JAVA_BYTE, ParameterLayout.IO_OPT_SHIFT, physical);
        target.set(JAVA_BYTE, ParameterLayout.IO_MIN_SHIFT, physical);
        target.set(JAVA_INT, ParameterLayout.MAX_SECTORS, maxRequestBytes >> SECTOR_SHIFT);
        target.set(JAVA_LONG, ParameterLayout.DEV_SECTORS, sizeBytes >> SECTOR_SHIFT);
        if (discardBytes > 0) {
            int sectors = (int) (discardBytes >> SECTOR_SHIFT);
            target.set(JAVA_INT, ParameterLayout.DISCARD_GRANULARITY, physicalBlockBytes);
            target.set(JAVA_INT, ParameterLayout.MAX_DISCARD_SECTORS, sectors);
            target.set(JAVA_INT, ParameterLayout.MAX_WRITE_ZEROES_SECTORS, sectors);
            target.set(JAVA_SHORT, ParameterLayout.MAX_DISCARD_SEGMENTS, (short) 1);
        }
    }

    static DeviceParameters decode(MemorySegment source) {
        int types = source.get(JAVA_INT, ParameterLayout.TYPES);
        int attrs = source.get(JAVA_INT, ParameterLayout.ATTRS);
        EnumSet<Attribute> attributes = EnumSet.noneOf(Attribute.class);
        for (Attribute attribute : Attribute.values()) {
            if ((attrs & attribute.mask) != 0) {
                attributes.add(attribute);
            }
        }
        boolean discards = (types & ParameterLayout.TYPE_DISCARD) != 0;
        return new DeviceParameters(
                source.get(JAVA_LONG, ParameterLayout.DEV_SECTORS) << SECTOR_SHIFT,
                1 << source.get(JAVA_BYTE, ParameterLayout.LOGICAL_BS_SHIFT),
                1 << source.get(JAVA_BYTE, ParameterLayout.PHYSICAL_BS_SHIFT),
                source.get(JAVA_INT, ParameterLayout.MAX_SECTORS) << SECTOR_SHIFT,
                discards
                        ? Integer.toUnsignedLong(
                                        source.get(JAVA_INT, ParameterLayout.MAX_DISCARD_SECTORS))
                                << SECTOR_SHIFT
                        : 0,
                attributes);
    }

    private static byte shift(int powerOfTwo) {
        return (byte) Integer.numberOfTrailingZeros(powerOfTwo);
    }
}

package io.arcfs.fuse.kernel;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Requests by opcode, and reads and writes by size: what tests and statistics look at. Thread-safe.
 */
final class RequestCounts {
    /** Sizes in powers of two up to 1 MiB. */
    private static final int SIZES = 21;

    private final LongAdder[] byOpcode = adders(Opcode.LIMIT);
    private final LongAdder[] reads = adders(SIZES);
    private final LongAdder[] writes = adders(SIZES);

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        for (int i = 0; i < count; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    void count(int opcode) {
        if (opcode >= 0 && opcode < Opcode.LIMIT) {
            byOpcode[opcode].increment();
        }
    }

    void read(int bytes) {
        reads[sizeClass(bytes)].increment();
    }

    void written(int bytes) {
        writes[sizeClass(bytes)].increment();
    }

    /** The smallest power of two that holds so many bytes. */
    private static int sizeClass(int bytes) {
        int exponent = bytes <= 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1);
        return Math.min(exponent, SIZES - 1);
    }

    /** Requests since the mount by the names of {@link Opcode}; those never seen are left out. */
    Map<String, Long> byName() {
        Map<String, Long> counts = new TreeMap<>();
        for (int opcode = 0; opcode < Opcode.LIMIT; opcode++) {
            long count = byOpcode[opcode].sum();
            if (count > 0) {
                counts.put(Opcode.name(opcode), count);
            }
        }
        return counts;
    }

    /** READ requests by size in bytes, rounded up to a power of two. */
    Map<Integer, Long> readSizes() {
        return histogram(reads);
    }

    /** WRITE requests by size in bytes, rounded up to a power of two. */
    Map<Integer, Long> writeSizes() {
        return histogram(writes);
    }

    private static Map<Integer, Long> histogram(LongAdder[] sizes) {
        Map<Integer, Long> counts = new TreeMap<>();
        for (int i = 0; i < sizes.length; i++) {
            long count = sizes[i].sum();
            if (count > 0) {
                counts.put(1 << i, count);
            }
        }
        return counts;
    }
}

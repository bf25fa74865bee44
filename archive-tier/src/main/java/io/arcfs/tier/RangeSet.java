package io.arcfs.tier;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of bytes as ranges, none touching another. Not thread-safe.
 *
 * <pre>
 * Bytes -> Range*      Range -> Start u64, End u64      (big-endian)
 * </pre>
 */
public final class RangeSet {
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    /** A range of bytes. */
    public record Range(long start, long end) {
        public long length() {
            return end - start;
        }
    }

    public boolean isEmpty() {
        return endByStart.isEmpty();
    }

    public void add(long start, long end) {
        if (start >= end) {
            return;
        }
        long from = start;
        long to = end;
        Map.Entry<Long, Long> before = endByStart.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            from = before.getKey();
            to = Math.max(to, before.getValue());
        }
        for (Map.Entry<Long, Long> next = endByStart.ceilingEntry(from);
                next != null && next.getKey() <= to;
                next = endByStart.ceilingEntry(from)) {
            to = Math.max(to, next.getValue());
            endByStart.remove(next.getKey());
        }
        endByStart.put(from, to);
    }

    public void remove(long start, long end) {
        if (start >= end) {
            return;
        }
        for (Range range : within(start, end)) {
            Map.Entry<Long, Long> holder = endByStart.floorEntry(range.start());
            if (holder == null) {
                throw new IllegalStateException(range + " is not in the set it came from");
            }
            long from = holder.getKey();
            long to = holder.getValue();
            endByStart.remove(from);
            if (from < range.start()) {
                endByStart.put(from, range.start());
            }
            if (range.end() < to) {
                endByStart.put(range.end(), to);
            }
        }
    }

    /** The parts of a range that are in the set, in order. */
    public List<Range> within(long start, long end) {
        List<Range> parts = new ArrayList<>();
        Long first = endByStart.floorKey(start);
        for (Map.Entry<Long, Long> entry :
                endByStart.subMap(first == null ? start : first, true, end, false).entrySet()) {
            long from = Math.max(start, entry.getKey());
            long to = Math.min(end, entry.getValue());
            if (from < to) {
                parts.add(new Range(from, to));
            }
        }
        return parts;
    }

    /** Bytes of a range that are in the set. */
    public long bytesWithin(long start, long end) {
        long sum = 0;
        for (Range part : within(start, end)) {
            sum += part.length();
        }
        return sum;
    }

    public List<Range> list() {
        return endByStart.entrySet().stream()
                .map(entry -> new Range(entry.getKey(), entry.getValue()))
                .toList();
    }

    public byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(2 * Long.BYTES * endByStart.size());
        endByStart.forEach((start, end) -> out.putLong(start).putLong(end));
        return out.array();
    }

    /**
     * @throws IllegalArgumentException if the bytes are no such set
     */
    public static RangeSet decode(byte[] bytes) {
        if (bytes.length % (2 * Long.BYTES) != 0) {
            throw new IllegalArgumentException("a set of ranges is malformed");
        }
        RangeSet set = new RangeSet();
        for (ByteBuffer in = ByteBuffer.wrap(bytes); in.hasRemaining(); ) {
            set.add(in.getLong(), in.getLong());
        }
        return set;
    }
}

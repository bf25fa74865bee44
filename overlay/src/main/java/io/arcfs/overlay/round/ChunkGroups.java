package io.arcfs.overlay.round;

import io.arcfs.tier.DeviceExtent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Device ranges that are referred to, each as long as what refers to it: two chunks side by side
 * are two groups, two that share bytes are one. What has to stay in one piece when it moves.
 * Confined to one thread.
 */
final class ChunkGroups {
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    void add(long address, long length) {
        long from = address;
        long to = address + length;
        Map.Entry<Long, Long> before = endByStart.floorEntry(address);
        if (before != null && before.getValue() > address) {
            from = before.getKey();
            to = Math.max(to, before.getValue());
        }
        for (Map.Entry<Long, Long> next = endByStart.ceilingEntry(from);
                next != null && next.getKey() < to;
                next = endByStart.ceilingEntry(from)) {
            to = Math.max(to, next.getValue());
            endByStart.remove(next.getKey());
        }
        endByStart.put(from, to);
    }

    /** Groups that begin in a range. */
    List<DeviceExtent> within(long start, long end) {
        List<DeviceExtent> groups = new ArrayList<>();
        endByStart
                .subMap(start, end)
                .forEach((from, to) -> groups.add(new DeviceExtent(from, to - from)));
        return groups;
    }

    /** Bytes of the groups that begin in a range. */
    long bytesWithin(long start, long end) {
        long bytes = 0;
        for (Map.Entry<Long, Long> group : endByStart.subMap(start, end).entrySet()) {
            bytes += group.getValue() - group.getKey();
        }
        return bytes;
    }
}

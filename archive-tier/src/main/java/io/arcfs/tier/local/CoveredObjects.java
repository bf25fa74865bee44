package io.arcfs.tier.local;

import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;

/** Which objects of which containers device extents cover. Immutable. */
final class CoveredObjects {
    private CoveredObjects() {}

    /**
     * Objects of which every block lies in one of the extents.
     *
     * @param usedEnd end of a container's used blocks, from its start
     */
    static Map<Integer, BitSet> whollyIn(
            List<DeviceExtent> extents, Geometry geometry, IntToLongFunction usedEnd) {
        Map<Integer, BitSet> covered = new TreeMap<>();
        forEachRun(
                extents,
                geometry,
                usedEnd,
                (container, from, to, used) -> {
                    long objectBytes = geometry.objectBytes();
                    int first = Math.toIntExact((from + objectBytes - 1) / objectBytes);
                    // The last object ends where the used blocks end.
                    int end =
                            Math.toIntExact(
                                    to == used
                                            ? (to + objectBytes - 1) / objectBytes
                                            : to / objectBytes);
                    if (first < end) {
                        covered.computeIfAbsent(container, c -> new BitSet()).set(first, end);
                    }
                });
        return covered;
    }

    /** Objects of which at least one byte lies in one of the extents. */
    static Map<Integer, BitSet> touching(
            List<DeviceExtent> extents, Geometry geometry, IntToLongFunction usedEnd) {
        Map<Integer, BitSet> covered = new TreeMap<>();
        forEachRun(
                extents,
                geometry,
                usedEnd,
                (container, from, to, used) -> {
                    long objectBytes = geometry.objectBytes();
                    int first = Math.toIntExact(from / objectBytes);
                    int end = Math.toIntExact((to + objectBytes - 1) / objectBytes);
                    covered.computeIfAbsent(container, c -> new BitSet()).set(first, end);
                });
        return covered;
    }

    private interface RunConsumer {
        void accept(int container, long from, long to, long used);
    }

    /** Merged runs of whole blocks, cut at containers and at the end of what they use. */
    private static void forEachRun(
            List<DeviceExtent> extents,
            Geometry geometry,
            IntToLongFunction usedEnd,
            RunConsumer consumer) {
        for (DeviceExtent run : merged(extents, geometry)) {
            long at = Math.max(0, run.address());
            long end = Math.min(run.end(), geometry.deviceBytes());
            while (at < end) {
                int container = geometry.containerOf(at);
                long start = geometry.containerStart(container);
                long partEnd = Math.min(end, start + geometry.containerBytes());
                long used = usedEnd.applyAsLong(container);
                long to = Math.min(partEnd - start, used);
                if (at - start < to) {
                    consumer.accept(container, at - start, to, used);
                }
                at = partEnd;
            }
        }
    }

    private static List<DeviceExtent> merged(List<DeviceExtent> extents, Geometry geometry) {
        List<DeviceExtent> merged = new ArrayList<>();
        long start = 0;
        long end = -1;
        for (DeviceExtent extent :
                extents.stream()
                        .filter(e -> e.lengthBytes() > 0)
                        .sorted(Comparator.comparingLong(DeviceExtent::address))
                        .toList()) {
            if (extent.address() > end) {
                if (end > start) {
                    merged.add(new DeviceExtent(start, end - start));
                }
                start = extent.address();
                end = start;
            }
            // The rest of an extent's last block belongs to nobody else.
            end = Math.max(end, geometry.roundUpToBlock(extent.end()));
        }
        if (end > start) {
            merged.add(new DeviceExtent(start, end - start));
        }
        return merged;
    }
}

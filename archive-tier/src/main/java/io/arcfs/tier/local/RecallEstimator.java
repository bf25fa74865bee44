package io.arcfs.tier.local;

import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.RecallEstimate;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.medium.AccessCosts;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells what recalling device extents would take: which objects are missing, on which media they
 * lie, and how long those take to give them in position order. Touches no medium. Thread-safe.
 */
final class RecallEstimator {
    private final Geometry geometry;
    private final SlotTable slots;
    private final MediaPool pool;

    RecallEstimator(Geometry geometry, SlotTable slots, MediaPool pool) {
        this.geometry = geometry;
        this.slots = slots;
        this.pool = pool;
    }

    /** Neighbouring objects of one place. */
    private record Run(long position, long bytes) {}

    RecallEstimate estimate(List<DeviceExtent> extents) throws IOException {
        Map<Integer, BitSet> touched = CoveredObjects.touching(extents, geometry, this::usedEnd);
        Map<PooledMedium, List<Run>> runs = new LinkedHashMap<>();
        long objects = 0;
        long cold = 0;
        long bytes = 0;
        long unreachable = 0;
        int containers = 0;
        for (Map.Entry<Integer, BitSet> entry : touched.entrySet()) {
            ContainerSlot slot = slots.get(entry.getKey());
            if (slot == null) {
                continue;
            }
            objects += entry.getValue().cardinality();
            int[] missing = slot.missing(entry.getValue().stream().toArray());
            if (missing.length == 0) {
                continue;
            }
            containers++;
            cold += missing.length;
            long used = slot.usedBlocksEnd();
            for (int object : missing) {
                bytes += lengthOf(object, used);
            }
            Optional<Source> source = sourceOf(slot);
            if (source.isEmpty()) {
                unreachable += missing.length;
            } else {
                addRuns(
                        runs.computeIfAbsent(source.get().medium(), _ -> new ArrayList<>()),
                        source.get().position(),
                        used,
                        missing);
            }
        }
        Duration time = Duration.ZERO;
        for (Map.Entry<PooledMedium, List<Run>> medium : runs.entrySet()) {
            time = time.plus(timeOf(medium.getKey(), medium.getValue()));
        }
        return new RecallEstimate(
                objects,
                cold,
                bytes,
                containers,
                runs.keySet().stream().map(PooledMedium::spec).toList(),
                unreachable,
                time);
    }

    /** The copy that a recall would take first. */
    private record Source(PooledMedium medium, long position) {}

    private Optional<Source> sourceOf(ContainerSlot slot) {
        for (Placement placement : slot.placements()) {
            Optional<PooledMedium> medium =
                    pool.byId(placement.medium())
                            .filter(m -> m.state() != PooledMedium.State.OFFLINE);
            if (medium.isPresent()) {
                long position = medium.get().positionOf(placement.place(), slot.id());
                return Optional.of(new Source(medium.get(), position));
            }
        }
        return Optional.empty();
    }

    private void addRuns(List<Run> runs, long position, long used, int[] missing) {
        int first = 0;
        for (int i = 1; i <= missing.length; i++) {
            if (i == missing.length || missing[i] != missing[i - 1] + 1) {
                long from = (long) missing[first] * geometry.objectBytes();
                long to =
                        (long) missing[i - 1] * geometry.objectBytes()
                                + lengthOf(missing[i - 1], used);
                runs.add(new Run(position + from, to - from));
                first = i;
            }
        }
    }

    private long lengthOf(int object, long used) {
        return Math.min(geometry.objectBytes(), used - (long) object * geometry.objectBytes());
    }

    /** Mounting, half a way to where the first run lies, then run by run. */
    private static Duration timeOf(PooledMedium medium, List<Run> runs) {
        AccessCosts costs = medium.costs();
        Duration time = costs.mount().plus(costs.locate().dividedBy(2));
        long at = -1;
        for (Run run : runs.stream().sorted(Comparator.comparingLong(Run::position)).toList()) {
            if (at >= 0) {
                time = time.plus(costs.locate(at, run.position()));
            }
            time = time.plus(costs.transfer(run.bytes()));
            at = run.position() + run.bytes();
        }
        return Duration.ofNanos((long) (time.toNanos() * medium.timeScale()));
    }

    private long usedEnd(int container) {
        ContainerSlot slot = slots.get(container);
        return slot == null ? 0 : slot.usedBlocksEnd();
    }
}

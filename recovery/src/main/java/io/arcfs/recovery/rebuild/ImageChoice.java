package io.arcfs.recovery.rebuild;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Chooses the images that make up a volume: per range of layers the highest complete generation,
 * then the longest run without a gap from layer 0. Stateless.
 */
final class ImageChoice {
    private ImageChoice() {}

    /**
     * Whether all bytes of the image itself may be there, and none of what it refers to was
     * replaced: a container of another sequence holds other bytes.
     *
     * @param sequences by number, of the containers that were found
     */
    static boolean isComplete(ImageRecord image, Map<Integer, Integer> sequences, Geometry shape) {
        for (ContainerId needed : image.manifest()) {
            Integer sequence = sequences.get(needed.number());
            if (sequence != null && sequence != needed.sequence()) {
                return false;
            }
        }
        long length = 0;
        for (DeviceExtent extent : image.extents()) {
            if (extent.lengthBytes() <= 0
                    || extent.address() < 0
                    || extent.end() > shape.deviceBytes()
                    || !sequences.containsKey(shape.containerOf(extent.address()))) {
                return false;
            }
            length += extent.lengthBytes();
        }
        return length == image.lengthBytes()
                && image.firstLayer() >= 0
                && image.lastLayer() >= image.firstLayer();
    }

    /** Of complete images those that make the run, oldest first; empty if none begins at 0. */
    static List<ImageRecord> choose(
            Collection<ImageRecord> complete, Map<Integer, Integer> sequences) {
        Map<Integer, List<ImageRecord>> byFirst = new HashMap<>();
        for (ImageRecord image : newestGenerations(complete)) {
            byFirst.computeIfAbsent(image.firstLayer(), _ -> new ArrayList<>()).add(image);
        }
        // Best way to reach each end; the ends come in ascending order.
        TreeMap<Integer, Run> reached = new TreeMap<>(Map.of(-1, Run.EMPTY));
        for (Map.Entry<Integer, Run> at = reached.firstEntry();
                at != null;
                at = reached.higherEntry(at.getKey())) {
            for (ImageRecord next : byFirst.getOrDefault(at.getKey() + 1, List.of())) {
                Run longer = at.getValue().with(next, missing(next, sequences));
                reached.merge(next.lastLayer(), longer, Run::better);
            }
        }
        return Objects.requireNonNull(reached.lastEntry()).getValue().images;
    }

    private static Collection<ImageRecord> newestGenerations(Collection<ImageRecord> images) {
        Map<List<Integer>, ImageRecord> newest = new HashMap<>();
        for (ImageRecord image : images) {
            newest.merge(
                    List.of(image.firstLayer(), image.lastLayer()),
                    image,
                    (a, b) -> ORDER.compare(a, b) >= 0 ? a : b);
        }
        return newest.values();
    }

    private static final Comparator<ImageRecord> ORDER =
            Comparator.comparingInt(ImageRecord::generation).thenComparingLong(ImageRecord::commit);

    private static int missing(ImageRecord image, Map<Integer, Integer> sequences) {
        int missing = 0;
        for (ContainerId needed : image.manifest()) {
            missing += sequences.containsKey(needed.number()) ? 0 : 1;
        }
        return missing;
    }

    /** Images that follow each other, and how many containers they miss. */
    private record Run(List<ImageRecord> images, int missing) {
        static final Run EMPTY = new Run(List.of(), 0);

        Run with(ImageRecord next, int missingOfNext) {
            List<ImageRecord> longer = new ArrayList<>(images);
            longer.add(next);
            return new Run(longer, missing + missingOfNext);
        }

        /** First what misses less, then what has fewer images, then what is newer. */
        Run better(Run other) {
            return Comparator.comparingInt(Run::missing)
                                    .thenComparingInt(run -> run.images.size())
                                    .thenComparingLong(run -> -run.commit())
                                    .compare(this, other)
                            <= 0
                    ? this
                    : other;
        }

        private long commit() {
            return Optional.of(images)
                    .filter(all -> !all.isEmpty())
                    .map(all -> all.getLast().commit())
                    .orElse(0L);
        }
    }
}

package io.arcfs.erofs.check;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.layout.DeviceSlotLayout;
import io.arcfs.erofs.layout.SuperBlockLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands where in the image: metadata, of which every byte has one meaning, and data of files,
 * which files may share but which is no metadata. Kernels look at neither. Confined to one thread.
 */
final class PlacedRanges {
    private final Ranges metadata = new Ranges();
    private final Ranges data = new Ranges();

    /** Adds an inode, or the blocks of a directory. */
    void addMetadata(long offset, long length, Place of) {
        metadata.add(offset, length, of);
    }

    /** Adds blocks of a file in the image itself. */
    void addData(long offset, long length, Place of) {
        data.add(offset, length, of);
    }

    long metadataBytes() {
        return metadata.bytes;
    }

    void check(ErofsImage image, ImageChecker.Report report) {
        metadata.add(SuperBlockLayout.SUPER_OFFSET, SuperBlockLayout.SIZE, null);
        int slots = image.deviceSlots().size();
        if (slots > 0) {
            metadata.add(
                    image.superBlock().deviceTableOffsetBytes(),
                    slots * DeviceSlotLayout.SIZE,
                    null);
        }
        long[] starts = Arrays.copyOf(metadata.starts, metadata.count);
        long[] ends = Arrays.copyOf(metadata.ends, metadata.count);
        // Ranges are apart if, each sorted by itself, no start comes before the end before it.
        Arrays.sort(starts);
        Arrays.sort(ends);
        for (int i = 1; i < starts.length; i++) {
            if (starts[i] < ends[i - 1]) {
                report.finding(
                        starts[i],
                        metadata.pathAt(starts[i]),
                        "lies in something else that the image holds");
            }
        }
        checkData(starts, ends, report);
    }

    private void checkData(long[] starts, long[] ends, ImageChecker.Report report) {
        for (int i = 0; i < data.count; i++) {
            // As many begin before the data's end as have ended before its start, or some are in
            // between.
            if (countBelow(starts, data.ends[i]) > countBelow(ends, data.starts[i] + 1)) {
                report.finding(
                        data.starts[i],
                        path(data.owners[i]),
                        "data of a file where the image holds something else");
            }
        }
    }

    /** How many of the sorted values are less than a limit. */
    private static int countBelow(long[] sorted, long limit) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < limit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static String path(@Nullable Place place) {
        return place == null ? "" : place.path();
    }

    /** Columns of ranges with those they belong to. Confined to one thread. */
    private static final class Ranges {
        long[] starts = new long[1024];
        long[] ends = new long[1024];
        @Nullable Place[] owners = new @Nullable Place[1024];
        int count;
        long bytes;
        private final Map<Long, @Nullable Place> byStart = new HashMap<>();

        void add(long offset, long length, @Nullable Place of) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, count * 2);
                ends = Arrays.copyOf(ends, count * 2);
                owners = Arrays.copyOf(owners, count * 2);
            }
            starts[count] = offset;
            ends[count] = offset + length;
            owners[count] = of;
            count++;
            bytes += length;
        }

        /** Whose range begins here; the map is made for the first finding. */
        String pathAt(long start) {
            if (byStart.isEmpty()) {
                for (int i = 0; i < count; i++) {
                    byStart.put(starts[i], owners[i]);
                }
            }
            return path(byStart.get(start));
        }
    }
}

package io.arcfs.erofs.check;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.layout.DeviceSlotLayout;
import io.arcfs.erofs.layout.SuperBlockLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The inodes met so far: how often, and where they stand. Confined to one thread. */
final class InodeSet {
    private static final int UNKNOWN_LINKS = 1;

    /** Names of an inode, or subdirectories of a directory. */
    private final Map<Long, Integer> counts = new TreeMap<>();

    private long[] starts = new long[1024];
    private long[] ends = new long[1024];
    private int placed;
    private long placedBytes;

    /** False if the directory is known. */
    boolean addDirectory(long nid) {
        return counts.putIfAbsent(nid, 0) == null;
    }

    void addSubdirectory(long nid) {
        counts.merge(nid, 1, Integer::sum);
    }

    /** Adds a name of a non-directory; false if the inode is known. */
    boolean addName(long nid) {
        return counts.merge(nid, 1, Integer::sum) == 1;
    }

    void place(long offset, long length) {
        if (placed == starts.length) {
            starts = Arrays.copyOf(starts, placed * 2);
            ends = Arrays.copyOf(ends, placed * 2);
        }
        starts[placed] = offset;
        ends[placed] = offset + length;
        placed++;
        placedBytes += length;
    }

    long placedBytes() {
        return placedBytes;
    }

    void checkLinkCounts(ErofsImage image, ImageChecker.Report report) {
        counts.forEach((nid, names) -> {
            try {
                checkLinkCount(image, image.inode(nid), names, report);
            } catch (CorruptImageException e) {
                report.finding(e.offsetBytes(), "", e.reason());
            }
        });
    }

    private static void checkLinkCount(
            ErofsImage image, Inode inode, int names, ImageChecker.Report report)
            throws CorruptImageException {
        long wanted = inode.isDirectory() ? 2L + names : names;
        // A directory with too many subdirectories says 1.
        boolean unknown = inode.isDirectory() && inode.nlink() == UNKNOWN_LINKS;
        if (inode.nlink() != wanted && !unknown) {
            report.finding(
                    image.inodeOffset(inode.nid()),
                    "",
                    "inode %d has link count %d, should have %d"
                            .formatted(inode.nid(), inode.nlink(), wanted));
        }
    }

    void checkOverlaps(ErofsImage image, ImageChecker.Report report) {
        place(SuperBlockLayout.SUPER_OFFSET, SuperBlockLayout.SIZE);
        int slots = image.deviceSlots().size();
        if (slots > 0) {
            place(image.superBlock().deviceTableOffsetBytes(), slots * DeviceSlotLayout.SIZE);
        }
        // Ranges are apart if, each sorted by itself, no start comes before the end before it.
        Arrays.sort(starts, 0, placed);
        Arrays.sort(ends, 0, placed);
        for (int i = 1; i < placed; i++) {
            if (starts[i] < ends[i - 1]) {
                report.finding(starts[i], "", "lies in something else that the image holds");
            }
        }
    }
}

package io.arcfs.erofs.check;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import java.util.Map;
import java.util.TreeMap;

/** The inodes met so far, by nid: where first, and how often. Confined to one thread. */
final class InodeSet {
    private static final int UNKNOWN_LINKS = 1;

    private final Map<Long, Met> inodes = new TreeMap<>();

    /** An inode's first place, and its names; of a directory, its subdirectories. */
    private static final class Met {
        final Place place;
        int links;

        Met(Place place) {
            this.place = place;
        }
    }

    /** False if the directory is known. */
    boolean addDirectory(Place place) {
        return inodes.putIfAbsent(place.nid, new Met(place)) == null;
    }

    /** Adds a subdirectory to a known directory. */
    void addSubdirectory(long nid) {
        Met parent = inodes.get(nid);
        if (parent != null) {
            parent.links++;
        }
    }

    /** Adds a name of a non-directory; false if the inode is known. */
    boolean addName(Place place) {
        return ++inodes.computeIfAbsent(place.nid, _ -> new Met(place)).links == 1;
    }

    void checkLinkCounts(ErofsImage image, ImageChecker.Report report) {
        inodes.forEach((nid, met) -> {
            try {
                checkLinkCount(image, image.inode(nid), met, report);
            } catch (CorruptImageException e) {
                report.finding(e.offsetBytes(), met.place.path(), e.reason());
            }
        });
    }

    private static void checkLinkCount(
            ErofsImage image, Inode inode, Met met, ImageChecker.Report report)
            throws CorruptImageException {
        long wanted = inode.isDirectory() ? 2L + met.links : met.links;
        // A directory with too many subdirectories says 1.
        boolean unknown = inode.isDirectory() && inode.nlink() == UNKNOWN_LINKS;
        if (inode.nlink() != wanted && !unknown) {
            report.finding(
                    image.inodeOffset(inode.nid()),
                    met.place.path(),
                    "inode %d has link count %d, should have %d"
                            .formatted(inode.nid(), inode.nlink(), wanted));
        }
    }
}

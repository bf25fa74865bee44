package io.arcfs.erofs.check;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.layout.DirentLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Says everything that is wrong with an image: what fsck.erofs checks, what a kernel refuses, and
 * what a kernel silently gets wrong (order, names, types, cycles, addresses beyond a device). Time
 * and memory are bounded by the image's length. Confined to one thread.
 */
public final class ImageChecker {
    private static final int FINDINGS_MAX = 1000;
    private static final long INODE_SLOT = 32;

    private final ErofsImage image;
    private final List<Long> deviceLengths;
    private final List<Finding> findings = new ArrayList<>();
    private final Deque<Place> directories = new ArrayDeque<>();
    private final InodeSet inodes = new InodeSet();
    private final PlacedRanges ranges = new PlacedRanges();
    private final InodeCheck inodeCheck;

    /** Directory bytes that may still be read: no image holds more than its length. */
    private long direntBudget;

    private ImageChecker(ErofsImage image, List<Long> deviceLengths) {
        this.image = image;
        this.deviceLengths = deviceLengths;
        this.inodeCheck = new InodeCheck(image, deviceLengths, ranges);
        this.direntBudget = image.lengthBytes();
    }

    /** Opens and checks a file, with its extra devices if they are given. */
    public static List<Finding> check(Path meta, List<Path> devices) throws IOException {
        List<Long> lengths = new ArrayList<>();
        for (Path device : devices) {
            lengths.add(Files.size(device));
        }
        ErofsImage image;
        try {
            image = ErofsImage.open(meta);
        } catch (CorruptImageException e) {
            return List.of(new Finding(e.offsetBytes(), "", e.reason()));
        } catch (UnsupportedImageException e) {
            return List.of(new Finding(0, "", String.valueOf(e.getMessage())));
        }
        return check(image, lengths);
    }

    /**
     * Checks an image that could be opened.
     *
     * @param deviceLengthsBytes lengths of the extra devices; empty: they are not known
     */
    public static List<Finding> check(ErofsImage image, List<Long> deviceLengthsBytes) {
        ImageChecker checker = new ImageChecker(image, deviceLengthsBytes);
        checker.run();
        return List.copyOf(checker.findings);
    }

    private void run() {
        DeviceCheck.check(image, deviceLengths, this::report);
        Place root = new Place(image.rootNid(), null, new byte[0]);
        try {
            inodes.addDirectory(root);
            checkInode(image.inode(image.rootNid()), root);
        } catch (IOException e) {
            report(e, "/");
        }
        directories.add(root);
        while (!directories.isEmpty() && findings.size() < FINDINGS_MAX) {
            Place place = directories.poll();
            try {
                checkDirectory(place);
            } catch (IOException e) {
                report(e, place.path());
            }
        }
        inodes.checkLinkCounts(image, this::report);
        ranges.check(image, this::report);
    }

    private void checkDirectory(Place place) throws IOException {
        long size = image.inode(place.nid).size();
        direntBudget -= size;
        if (direntBudget < 0) {
            throw new CorruptImageException(
                    image.inodeOffset(place.nid), "directories overlap each other");
        }
        int dots = 0;
        int dotDots = 0;
        DirectoryCursor cursor = image.cursor(place.nid);
        while (cursor.nextDirent() && findings.size() < FINDINGS_MAX) {
            byte[] name = cursor.name();
            boolean self = name[0] == '.' && name.length == 1;
            boolean parent = name[0] == '.' && name.length == 2 && name[1] == '.';
            if (self || parent) {
                dots += self ? 1 : 0;
                dotDots += parent ? 1 : 0;
                checkDot(place, cursor, parent);
            } else {
                checkChild(place, cursor);
            }
        }
        if ((dots == 0 && !image.isDotOmitted(place.nid)) || dotDots == 0) {
            report(
                    image.inodeOffset(place.nid),
                    place.path(),
                    "no \"" + (dotDots == 0 ? ".." : ".") + "\"");
        }
    }

    private void checkDot(Place place, DirectoryCursor cursor, boolean parent) {
        Place wanted = parent && place.parent != null ? place.parent : place;
        if (cursor.nid() != wanted.nid) {
            report(
                    cursor.direntOffset(),
                    place.path(),
                    "\"%s\" is inode %d, should be %d"
                            .formatted(parent ? ".." : ".", cursor.nid(), wanted.nid));
        }
        checkType(place, cursor, DirentLayout.TYPE_DIRECTORY);
    }

    private void checkChild(Place place, DirectoryCursor cursor) {
        Inode inode;
        try {
            inode = image.inode(cursor.nid());
        } catch (CorruptImageException e) {
            report(e, place.path(cursor.name()));
            return;
        }
        checkType(place, cursor, DirentLayout.typeOfMode(inode.mode()));
        Place child = new Place(inode.nid(), place, cursor.name());
        try {
            if (inode.isDirectory()) {
                inodes.addSubdirectory(place.nid);
                if (inodes.addDirectory(child)) {
                    checkInode(inode, child);
                    directories.add(child);
                } else {
                    report(
                            cursor.direntOffset(),
                            child.path(),
                            "directory " + inode.nid() + " is reached twice");
                }
            } else if (inodes.addName(child)) {
                checkInode(inode, child);
            }
        } catch (IOException e) {
            report(e, child.path());
        }
    }

    private void checkType(Place place, DirectoryCursor cursor, int wanted) {
        if (cursor.fileType() != wanted) {
            report(
                    cursor.direntOffset(),
                    place.path(cursor.name()),
                    "dirent says type %d, inode says %d".formatted(cursor.fileType(), wanted));
        }
    }

    private void checkInode(Inode inode, Place place) throws IOException {
        ranges.addMetadata(
                image.inodeOffset(inode.nid()), image.inodeLengthBytes(inode.nid()), place);
        if (ranges.metadataBytes() > image.lengthBytes() + INODE_SLOT) {
            throw new CorruptImageException(
                    image.inodeOffset(inode.nid()), "inodes overlap each other");
        }
        inodeCheck.check(inode, place, (offset, what) -> report(offset, place.path(), what));
    }

    private void report(IOException failure, String path) {
        if (failure instanceof CorruptImageException corrupt) {
            report(corrupt.offsetBytes(), path, corrupt.reason());
        } else {
            report(0, path, String.valueOf(failure.getMessage()));
        }
    }

    private void report(long offset, String path, String what) {
        if (findings.size() < FINDINGS_MAX) {
            findings.add(new Finding(offset, path, what));
        }
    }

    /** Takes what is wrong with an image as a whole. */
    @FunctionalInterface
    interface Report {
        void finding(long offsetBytes, String path, String what);
    }
}

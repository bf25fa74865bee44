package io.arcfs.erofs.extract;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DeviceReader;
import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks an image depth first and hands everything to a sink. Trusts no image: a directory reached
 * twice is refused, so that no cycle is followed; what cannot be read is reported and left out.
 * Failures of the sink, and of devices, end the extraction. Confined to one thread.
 */
public final class TreeExtractor {
    private final ErofsImage image;
    private final TreeSink sink;
    private final ExtractLimits limits;
    private final FileReader reader;
    private final Deque<Level> levels = new ArrayDeque<>();
    private final Set<Long> seenDirectories = new HashSet<>();

    /** First names of inodes that have several. */
    private final Map<Long, Step> firstNames = new HashMap<>();

    private long names;
    private long unreadable;

    private TreeExtractor(
            ErofsImage image, TreeSink sink, ExtractLimits limits, FileReader reader) {
        this.image = image;
        this.sink = sink;
        this.limits = limits;
        this.reader = reader;
    }

    /** Extracts a directory, which becomes the sink's root, and all below it. */
    public static Extracted extract(
            ErofsImage image,
            long directoryNid,
            DeviceReader devices,
            TreeSink sink,
            ExtractLimits limits)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            FileReader reader = new FileReader(image, devices, arena, limits.dataBytes());
            TreeExtractor extractor = new TreeExtractor(image, sink, limits, reader);
            extractor.run(directoryNid);
            return new Extracted(extractor.names, reader.dataBytes(), extractor.unreadable);
        }
    }

    private void run(long directoryNid) throws IOException {
        enter(new Step(null, new byte[0]), image.inode(directoryNid), image.cursor(directoryNid));
        while (!levels.isEmpty()) {
            Level level = levels.element();
            boolean more;
            try {
                more = level.cursor.next();
            } catch (CorruptImageException e) {
                unreadable(level.step, e);
                more = false;
            }
            if (more) {
                take(new Step(level.step, level.cursor.name()), level.cursor.nid());
            } else {
                leave();
            }
        }
    }

    private void take(Step step, long nid) throws IOException {
        Inode inode;
        try {
            inode = image.inode(nid);
            // Whatever else the image may refuse, before the sink has made anything.
            image.xattrs(nid);
            if (inode.isSymlink()) {
                image.symlinkTarget(nid);
            }
            if (inode.isRegular() && inode.size() > 0) {
                image.extentAt(nid, 0);
            }
            if (inode.isDirectory()) {
                if (!seenDirectories.add(nid)) {
                    throw new CorruptImageException(
                            image.inodeOffset(nid), "directory " + nid + " is reached twice");
                }
                image.cursor(nid);
            }
        } catch (CorruptImageException | UnsupportedImageException e) {
            unreadable(step, e);
            return;
        }
        hand(step, inode);
    }

    private void hand(Step step, Inode inode) throws IOException {
        if (inode.isDirectory()) {
            enter(step, inode, image.cursor(inode.nid()));
            return;
        }
        count();
        Step first = inode.nlink() == 1 ? null : firstNames.putIfAbsent(inode.nid(), step);
        if (first != null) {
            sink.hardLink(step.name, first.path());
        } else if (inode.isRegular()) {
            reader.select(inode);
            sink.regularFile(step.name, inode, image.xattrs(inode.nid()), reader);
            IOException failure = reader.takeFailure();
            if (failure != null) {
                unreadable(step, failure);
            }
        } else if (inode.isSymlink()) {
            sink.symlink(
                    step.name, inode, image.xattrs(inode.nid()), image.symlinkTarget(inode.nid()));
        } else {
            sink.special(step.name, inode, image.xattrs(inode.nid()));
        }
    }

    private void enter(Step step, Inode directory, DirectoryCursor cursor) throws IOException {
        count();
        seenDirectories.add(directory.nid());
        sink.enterDirectory(step.name, directory);
        levels.push(new Level(step, directory, cursor));
    }

    private void leave() throws IOException {
        Inode directory = levels.pop().directory;
        sink.leaveDirectory(directory, image.xattrs(directory.nid()));
    }

    private void count() throws IOException {
        if (names == limits.names()) {
            throw new UnsupportedImageException("more than " + limits.names() + " names");
        }
        names++;
    }

    private void unreadable(Step step, IOException reason) throws IOException {
        unreadable++;
        sink.unreadable(step.path(), reason);
    }

    /** A directory being walked. */
    private record Level(Step step, Inode directory, DirectoryCursor cursor) {}

    /** A name and the way to it. */
    private record Step(@Nullable Step parent, byte[] name) {
        List<byte[]> path() {
            List<byte[]> path = new ArrayList<>();
            for (Step step = this; step != null && step.parent != null; step = step.parent) {
                path.addFirst(step.name);
            }
            return path;
        }
    }
}

package io.arcfs.erofs.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What the kernel shows of a mounted tree, as lines that can be compared: type and mode, owner,
 * mtime, size, target, device and user xattrs. Names are ASCII.
 */
public final class MountListing {
    private MountListing() {}

    public static Map<String, String> of(Path mountPoint) throws IOException {
        Map<String, String> listing = new TreeMap<>();
        Deque<Path> open = new ArrayDeque<>(List.of(mountPoint));
        while (!open.isEmpty()) {
            Path path = open.pop();
            Map<String, Object> stat;
            try {
                stat = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
                continue; // overlayfs lists raw whiteouts of directories it does not merge
            }
            listing.put("/" + mountPoint.relativize(path), describe(path, stat));
            if (((int) value(stat, "mode") & 0xF000) == 0x4000) {
                try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
                    children.forEach(open::add);
                }
            }
        }
        return listing;
    }

    private static Object value(Map<String, Object> stat, String name) {
        return Objects.requireNonNull(stat.get(name), name);
    }

    private static String describe(Path path, Map<String, Object> stat) throws IOException {
        int mode = (int) value(stat, "mode");
        int type = mode & 0xF000;
        List<String> words = new ArrayList<>();
        words.add(String.format("0%o %s:%s", mode, value(stat, "uid"), value(stat, "gid")));
        words.add("mtime=" + ((FileTime) value(stat, "lastModifiedTime")).toInstant());
        if (type == 0x8000) {
            words.add("size=" + value(stat, "size"));
        }
        if (type == 0xA000) {
            words.add("->" + Files.readSymbolicLink(path));
        }
        if (type == 0x2000 || type == 0x6000) {
            words.add("rdev=" + value(stat, "rdev"));
        }
        if (type == 0x8000 || type == 0x4000) {
            var view = Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
            Map<String, String> xattrs = new TreeMap<>();
            for (String name : view.list()) {
                ByteBuffer value = ByteBuffer.allocate(view.size(name));
                view.read(name, value);
                xattrs.put(name, Base64.getEncoder().encodeToString(value.array()));
            }
            words.add(xattrs.toString());
        }
        return String.join(" ", words);
    }
}

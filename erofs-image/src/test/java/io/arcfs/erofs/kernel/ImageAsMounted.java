package io.arcfs.erofs.kernel;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An image, by our reader, in the words of {@link MountListing}. */
public final class ImageAsMounted {
    private ImageAsMounted() {}

    public static Map<String, String> of(ErofsImage image) throws IOException {
        Map<String, String> listing = new TreeMap<>();
        Deque<Map.Entry<String, Long>> open = new ArrayDeque<>();
        open.add(Map.entry("/", image.rootNid()));
        while (!open.isEmpty()) {
            Map.Entry<String, Long> place = open.pop();
            Inode inode = image.inode(place.getValue());
            listing.put(place.getKey(), describe(image, inode));
            if (inode.isDirectory()) {
                String prefix = place.getKey().equals("/") ? "/" : place.getKey() + "/";
                image.list(
                        inode.nid(),
                        (name, nid, _) ->
                                open.add(
                                        Map.entry(
                                                prefix + new String(name, StandardCharsets.UTF_8),
                                                nid)));
            }
        }
        return listing;
    }

    private static String describe(ErofsImage image, Inode inode) throws IOException {
        int type = inode.mode() & 0xF000;
        List<String> words = new ArrayList<>();
        words.add(String.format("0%o %s:%s", inode.mode(), (int) inode.uid(), (int) inode.gid()));
        words.add("mtime=" + Instant.ofEpochSecond(inode.mtimeSeconds(), inode.mtimeNanos()));
        if (inode.isRegular()) {
            words.add("size=" + inode.size());
        }
        if (inode.isSymlink()) {
            words.add("->" + new String(image.symlinkTarget(inode.nid()), StandardCharsets.UTF_8));
        }
        if (type == 0x2000 || type == 0x6000) {
            words.add("rdev=" + inode.rdev());
        }
        if (inode.isRegular() || inode.isDirectory()) {
            Map<String, String> xattrs = new TreeMap<>();
            for (Xattr xattr : image.xattrs(inode.nid())) {
                String name = new String(xattr.name(), StandardCharsets.UTF_8);
                if (name.startsWith("user.")) {
                    xattrs.put(
                            name.substring(5), Base64.getEncoder().encodeToString(xattr.value()));
                }
            }
            words.add(xattrs.toString());
        }
        return String.join(" ", words);
    }
}

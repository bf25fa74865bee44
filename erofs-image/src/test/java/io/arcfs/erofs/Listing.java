package io.arcfs.erofs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that can be seen of an image, path by path (bytes as Latin-1), as lines that can be
 * compared.
 */
public final class Listing {
    /** Larger files are not hashed, unless everything is asked for: minutes of zeros. */
    private static final long HASHED_SIZE_MAX =
            System.getenv("ARCFS_ALL") == null ? 256L << 20 : Long.MAX_VALUE;

    private Listing() {}

    /** Size and hash of a file, the hash only if the file is not too large to be hashed. */
    static String content(long size, HashSource sha256) throws IOException {
        return "size=" + size + " " + (size > HASHED_SIZE_MAX ? "large" : sha256.get());
    }

    public static Map<String, String> of(ErofsImage image, DeviceReader devices)
            throws IOException {
        Map<String, String> listing = new TreeMap<>();
        Deque<Place> open = new ArrayDeque<>(List.of(new Place("/", image.rootNid())));
        while (!open.isEmpty()) {
            Place place = open.pop();
            Inode inode = image.inode(place.nid);
            listing.put(place.path, describe(image, inode, devices));
            if (inode.isDirectory()) {
                String prefix = place.path.equals("/") ? "/" : place.path + "/";
                image.list(
                        place.nid,
                        (name, nid, _) ->
                                open.add(
                                        new Place(
                                                prefix
                                                        + new String(
                                                                name, StandardCharsets.ISO_8859_1),
                                                nid)));
            }
        }
        return listing;
    }

    private static String describe(ErofsImage image, Inode inode, DeviceReader devices)
            throws IOException {
        String data = "";
        if (inode.isRegular()) {
            data = " " + content(inode.size(), () -> sha256(image, inode, devices));
        } else if (inode.isSymlink()) {
            data = " ->" + new String(image.symlinkTarget(inode.nid()), StandardCharsets.UTF_8);
        }
        return words(inode, data, image.xattrs(inode.nid()));
    }

    /** One line; {@code data} is what stands for a file's bytes or a symlink's target. */
    public static String words(Inode inode, String data, List<Xattr> all) {
        StringBuilder words = new StringBuilder(type(inode.mode()));
        words.append(
                " %04o %d:%d mtime=%d.%09d"
                        .formatted(
                                inode.mode() & 0xFFF,
                                inode.uid(),
                                inode.gid(),
                                inode.mtimeSeconds(),
                                inode.mtimeNanos()));
        if (!inode.isDirectory()) {
            words.append(" nlink=").append(inode.nlink());
        }
        words.append(data);
        if (type(inode.mode()).equals("char") || type(inode.mode()).equals("block")) {
            int rdev = inode.rdev();
            words.append(
                    " rdev=%d,%d"
                            .formatted(
                                    rdev >>> 8 & 0xFFF, (rdev & 0xFF) | (rdev >>> 12 & 0xFFF00)));
        }
        Map<String, String> xattrs = new TreeMap<>();
        for (Xattr xattr : all) {
            xattrs.put(
                    new String(xattr.name(), StandardCharsets.UTF_8),
                    Base64.getEncoder().encodeToString(xattr.value()));
        }
        if (!xattrs.isEmpty()) {
            words.append(' ').append(xattrs);
        }
        return words.toString();
    }

    private static String type(int mode) {
        return switch (mode & 0xF000) {
            case 0x1000 -> "fifo";
            case 0x2000 -> "char";
            case 0x4000 -> "dir";
            case 0x6000 -> "block";
            case 0x8000 -> "file";
            case 0xA000 -> "symlink";
            case 0xC000 -> "socket";
            default -> "mode " + mode;
        };
    }

    private static String sha256(ErofsImage image, Inode inode, DeviceReader devices)
            throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 20];
            MemorySegment target = MemorySegment.ofArray(buffer);
            long offset = 0;
            int length;
            while ((length = image.read(inode.nid(), offset, target, devices)) > 0) {
                digest.update(buffer, 0, length);
                offset += length;
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Makes a hash when it is wanted. */
    interface HashSource {
        String get() throws IOException;
    }

    private record Place(String path, long nid) {}
}

package io.arcfs.erofs.kernel;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything the kernel shows of a mounted tree, as lines that can be compared: type and mode,
 * owner, mtime, link count and which names are one inode, content, target, device, all xattrs.
 * Names are ASCII.
 */
final class WholeListing {
    private static final int DIFFERENCES_SHOWN = 5;
    private static final int LINE_SHOWN = 400;

    private WholeListing() {}

    static Map<String, String> of(Path mountPoint) throws IOException {
        Map<String, Map<String, String>> xattrs = xattrs(mountPoint);
        Map<String, BigDecimal> mtimes = mtimes(mountPoint);
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(mountPoint)) {
            paths = walk.toList();
        }
        Map<String, Path> sorted = new TreeMap<>();
        paths.forEach(path -> sorted.put("/" + mountPoint.relativize(path), path));
        Map<Object, String> first = new HashMap<>();
        Map<String, String> listing = new TreeMap<>();
        for (Map.Entry<String, Path> entry : sorted.entrySet()) {
            Map<String, Object> stat =
                    Files.readAttributes(entry.getValue(), "unix:*", LinkOption.NOFOLLOW_LINKS);
            first.putIfAbsent(value(stat, "ino"), entry.getKey());
            BigDecimal mtime = Objects.requireNonNull(mtimes.get(entry.getKey()));
            BigDecimal seconds = mtime.setScale(0, RoundingMode.FLOOR);
            int mode = (int) value(stat, "mode");
            listing.put(
                    entry.getKey(),
                    line(
                            mode,
                            Integer.toUnsignedLong((int) value(stat, "uid")),
                            Integer.toUnsignedLong((int) value(stat, "gid")),
                            seconds.longValueExact(),
                            mtime.subtract(seconds).movePointRight(9).intValueExact(),
                            (int) value(stat, "nlink"),
                            Objects.requireNonNull(first.get(value(stat, "ino"))),
                            body(entry.getValue(), mode, (long) value(stat, "rdev")),
                            xattrs.getOrDefault(entry.getKey(), Map.of())));
        }
        return listing;
    }

    static String line(
            int mode,
            long uid,
            long gid,
            long mtimeSeconds,
            int mtimeNanos,
            int links,
            String firstPath,
            String body,
            Map<String, String> xattrs) {
        return "0%o %d:%d %d.%09d links=%d of %s %s %s"
                .formatted(
                        mode,
                        uid,
                        gid,
                        mtimeSeconds,
                        mtimeNanos,
                        links,
                        firstPath,
                        body,
                        new TreeMap<>(xattrs));
    }

    static String content(byte[] content) {
        try {
            return content.length
                    + " bytes "
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A device number of 32 bits, as the kernel encodes it for file systems. */
    static String rdev(int encoded) {
        int major = (encoded >>> 8) & 0xFFF;
        int minor = (encoded & 0xFF) | ((encoded >>> 12) & 0xFFF00);
        return major + "," + minor;
    }

    private static String body(Path path, int mode, long rdev) throws IOException {
        return switch (mode & 0xF000) {
            case 0x8000 -> content(Files.readAllBytes(path));
            case 0xA000 -> "->" + Files.readSymbolicLink(path);
            // st_rdev: 12 bits of major above 8 of minor, the rest of the minor above those.
            case 0x2000, 0x6000 -> rdev((int) rdev);
            default -> "";
        };
    }

    private static Object value(Map<String, Object> stat, String name) {
        return Objects.requireNonNull(stat.get(name), name);
    }

    /** By stat: a FileTime has no nanoseconds after the year 2262. */
    private static Map<String, BigDecimal> mtimes(Path mountPoint) throws IOException {
        Map<String, BigDecimal> mtimes = new HashMap<>();
        String lines =
                KernelMounts.run(
                        "find",
                        mountPoint.toString(),
                        "-exec",
                        "stat",
                        "--printf=%.9Y %n\\n",
                        "{}",
                        "+");
        for (String line : lines.split("\n")) {
            int space = line.indexOf(' ');
            String path = line.substring(space + 1 + mountPoint.toString().length());
            mtimes.put(path.isEmpty() ? "/" : path, new BigDecimal(line.substring(0, space)));
        }
        return mtimes;
    }

    /** What is not the same in two listings, in short. */
    static List<String> differences(Map<String, String> shown, Map<String, String> wanted) {
        Set<String> paths = new TreeSet<>(shown.keySet());
        paths.addAll(wanted.keySet());
        return paths.stream()
                .filter(path -> !Objects.equals(shown.get(path), wanted.get(path)))
                .map(path ->
                        "%s:\n   shown %s\n  wanted %s"
                                .formatted(path, cut(shown.get(path)), cut(wanted.get(path))))
                .limit(DIFFERENCES_SHOWN)
                .toList();
    }

    private static String cut(@Nullable String line) {
        return line == null ? "nothing" : line.substring(0, Math.min(line.length(), LINE_SHOWN));
    }

    /** By getfattr, which sees those of symlinks and of every prefix. */
    private static Map<String, Map<String, String>> xattrs(Path mountPoint) throws IOException {
        String dump =
                KernelMounts.run(
                        "getfattr",
                        "--recursive",
                        "--physical",
                        "--no-dereference",
                        "--absolute-names",
                        "--dump",
                        "--match=-",
                        "--encoding=base64",
                        mountPoint.toString());
        Map<String, Map<String, String>> all = new HashMap<>();
        Map<String, String> current = new HashMap<>();
        for (String line : dump.split("\n")) {
            if (line.startsWith("# file: ")) {
                String path = line.substring("# file: ".length() + mountPoint.toString().length());
                current = new TreeMap<>();
                all.put(path.isEmpty() ? "/" : path, current);
            } else if (!line.isEmpty()) {
                int equals = line.indexOf('=');
                // An empty value has no "=".
                String name = equals < 0 ? line : line.substring(0, equals);
                String value = equals < 0 ? "" : line.substring(equals + 1);
                current.put(name, value.startsWith("0s") ? value.substring(2) : "");
            }
        }
        return all;
    }
}

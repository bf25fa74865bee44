package io.arcfs.it.kit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Everything comparable about a tree, taken with find, stat, b2sum and getfattr: none of arcfs's
 * own code stands between a file system and the judgement about it, and names stay bytes.
 * Immutable.
 */
public final class TreeSnapshot {
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final String FIELDS =
            "%P\\0%y\\0%m\\0%U:%G\\0%n\\0%D:%i\\0%s\\0%b\\0%T@\\0%C@\\0%l\\0";
    private static final int FIELD_COUNT = 11;

    private final Path root;
    private final SortedMap<String, TreeEntry> entries;

    private TreeSnapshot(Path root, SortedMap<String, TreeEntry> entries) {
        this.root = root;
        this.entries = Collections.unmodifiableSortedMap(entries);
    }

    /** Reads the whole tree, every byte of every file. */
    public static TreeSnapshot read(Path root) {
        return take(root, contents(root));
    }

    /** Everything but the contents: opens no file. */
    public static TreeSnapshot list(Path root) {
        return take(root, Map.of());
    }

    public Path root() {
        return root;
    }

    SortedMap<String, TreeEntry> entries() {
        return entries;
    }

    public int size() {
        return entries.size();
    }

    /** The same without what the predicate takes, by path relative to the root. */
    public TreeSnapshot without(Predicate<String> paths) {
        SortedMap<String, TreeEntry> kept = new TreeMap<>(entries);
        kept.keySet().removeIf(paths);
        return new TreeSnapshot(root, kept);
    }

    /** The same without the extended attributes that the predicate takes. */
    public TreeSnapshot withoutXattrs(Predicate<String> names) {
        SortedMap<String, TreeEntry> changed = new TreeMap<>();
        entries.forEach((path, e) -> {
            SortedMap<String, String> kept = new TreeMap<>(e.xattrs());
            kept.keySet().removeIf(names);
            changed.put(
                    path,
                    new TreeEntry(
                            e.path(),
                            e.type(),
                            e.mode(),
                            e.owner(),
                            e.links(),
                            e.sizeBytes(),
                            e.blocks(),
                            e.mtime(),
                            e.ctime(),
                            e.device(),
                            e.target(),
                            e.linkGroup(),
                            kept,
                            e.digest()));
        });
        return new TreeSnapshot(root, changed);
    }

    /**
     * The bytes of all files, each inode once, holes left out: at least so much must be read from
     * where the data is to read the tree.
     */
    public long dataBytes() {
        Set<String> seen = new HashSet<>();
        long total = 0;
        for (TreeEntry entry : entries.values()) {
            if (entry.type() == 'f'
                    && (entry.linkGroup().isEmpty() || seen.add(entry.linkGroup()))) {
                total += Math.min(entry.sizeBytes(), entry.blocks() * 512);
            }
        }
        return total;
    }

    /** The paths, as text that can be read. */
    public List<String> paths() {
        return entries.keySet().stream().map(TreeSnapshot::readable).toList();
    }

    static String readable(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                .replace("\n", "\\n");
    }

    private static TreeSnapshot take(Path root, Map<String, String> contents) {
        Map<String, String> devices = deviceNumbers(root);
        Map<String, SortedMap<String, String>> xattrs = xattrs(root);
        String[] fields =
                split(Command.of("find", ".", "-printf", FIELDS).in(root).within(LIMIT).succeed());
        Map<String, List<String>> names = new HashMap<>();
        for (int i = 0; i + FIELD_COUNT <= fields.length; i += FIELD_COUNT) {
            if (!fields[i + 1].equals("d")) {
                names.computeIfAbsent(fields[i + 5], _ -> new ArrayList<>()).add(fields[i]);
            }
        }
        SortedMap<String, TreeEntry> entries = new TreeMap<>();
        for (int i = 0; i + FIELD_COUNT <= fields.length; i += FIELD_COUNT) {
            String path = fields[i];
            List<String> siblings = names.getOrDefault(fields[i + 5], List.of());
            entries.put(
                    path,
                    new TreeEntry(
                            path,
                            fields[i + 1].charAt(0),
                            fields[i + 2],
                            fields[i + 3],
                            Long.parseLong(fields[i + 4]),
                            Long.parseLong(fields[i + 6]),
                            Long.parseLong(fields[i + 7]),
                            fields[i + 8],
                            fields[i + 9],
                            devices.getOrDefault(path, ""),
                            fields[i + 10],
                            siblings.size() > 1 ? Collections.min(siblings) : "",
                            xattrs.getOrDefault(path, Collections.emptySortedMap()),
                            contents.getOrDefault(path, "")));
        }
        return new TreeSnapshot(root, entries);
    }

    private static Map<String, String> contents(Path root) {
        Command.Outcome sums =
                Command.of(
                                "find", ".", "-type", "f", "-exec", "b2sum", "-l", "256", "-z",
                                "--", "{}", "+")
                        .in(root)
                        .within(LIMIT)
                        .succeed();
        Map<String, String> byPath = new HashMap<>();
        for (String line : split(sums)) {
            byPath.put(line.substring(64 + 2 + 2), line.substring(0, 64)); // "SUM  ./path"
        }
        return byPath;
    }

    private static Map<String, String> deviceNumbers(Path root) {
        Command.Outcome nodes =
                Command.of(
                                "find",
                                ".",
                                "(",
                                "-type",
                                "c",
                                "-o",
                                "-type",
                                "b",
                                ")",
                                "-exec",
                                "stat",
                                "--printf=%n\\0%t:%T\\0",
                                "--",
                                "{}",
                                "+")
                        .in(root)
                        .succeed();
        Map<String, String> byPath = new HashMap<>();
        String[] fields = split(nodes);
        for (int i = 0; i + 2 <= fields.length; i += 2) {
            byPath.put(fields[i].substring(2), fields[i + 1]);
        }
        return byPath;
    }

    private static Map<String, SortedMap<String, String>> xattrs(Path root) {
        Command.Outcome dump =
                Command.of("getfattr", "-R", "-P", "-h", "-d", "-m", "-", "-e", "hex", "--", ".")
                        .in(root)
                        .within(LIMIT)
                        .succeed();
        Map<String, SortedMap<String, String>> byPath = new HashMap<>();
        SortedMap<String, String> current = new TreeMap<>();
        String text = new String(dump.stdout(), StandardCharsets.ISO_8859_1);
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("# file: ")) {
                String path = unquoted(line.substring("# file: ".length()));
                current = new TreeMap<>();
                byPath.put(path.equals(".") ? "" : path.replaceFirst("^\\./", ""), current);
            } else if (!line.isEmpty()) {
                int equals = line.indexOf('=');
                String name = equals < 0 ? line : line.substring(0, equals);
                current.put(name, equals < 0 ? "" : line.substring(equals + 1));
            }
        }
        return byPath;
    }

    /** getfattr writes a backslash and some control bytes as three octal digits. */
    private static String unquoted(String path) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) == '\\' && i + 3 < path.length()) {
                bytes.append((char) Integer.parseInt(path.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                bytes.append(path.charAt(i));
            }
        }
        return bytes.toString();
    }

    private static String[] split(Command.Outcome outcome) {
        String text = new String(outcome.stdout(), StandardCharsets.ISO_8859_1);
        return text.isEmpty()
                ? new String[0]
                : text.substring(0, text.length() - 1).split("\0", -1);
    }
}

package io.arcfs.fuse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The mounts this process sees, oldest first (proc_pid_mountinfo(5)). Immutable.
 *
 * @param entries in the kernel's order: of two with the same path, the later one is on top
 */
public record MountTable(List<Entry> entries) {
    private static final Path SOURCE = Path.of("/proc/self/mountinfo");

    /** One mount. {@code device} is {@code major:minor}, new for every FUSE mount. */
    public record Entry(int id, String device, String mountpoint, String type, String source) {}

    public MountTable {
        entries = List.copyOf(entries);
    }

    /** The table as it is now. */
    public static MountTable now() {
        try {
            return parse(Files.readAllBytes(SOURCE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + SOURCE, e);
        }
    }

    static MountTable parse(byte[] table) {
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(table, StandardCharsets.UTF_8).split("\n")) {
            // id parent device root mountpoint options [tag...] - type source superoptions
            String[] fields = line.split(" ");
            int separator = 6;
            while (separator < fields.length && !fields[separator].equals("-")) {
                separator++;
            }
            if (separator + 2 < fields.length) {
                entries.add(
                        new Entry(
                                Integer.parseInt(fields[0]),
                                fields[2],
                                unescape(fields[4]),
                                fields[separator + 1],
                                unescape(fields[separator + 2])));
            }
        }
        return new MountTable(entries);
    }

    /** The mount that shows at a directory, if the directory is a mountpoint. */
    public Optional<Entry> at(Path mountpoint) {
        String path = mountpoint.toString();
        return entries.reversed().stream().filter(e -> e.mountpoint().equals(path)).findFirst();
    }

    /** Whether any mountpoint of this process still shows a device. */
    public boolean shows(String device) {
        return entries.stream().anyMatch(e -> e.device().equals(device));
    }

    /** Blank, tab, newline and backslash stand as three octal digits. */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\\' && i + 3 < bytes.length) {
                out.write(
                        (bytes[i + 1] - '0') << 6 | (bytes[i + 2] - '0') << 3 | bytes[i + 3] - '0');
                i += 3;
            } else {
                out.write(bytes[i]);
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}

package io.arcfs.cli.daemon;

import io.arcfs.cli.ByteArguments;
import io.arcfs.cli.CommandFailure;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A path that lies in a mounted volume, as bytes. Immutable.
 *
 * @param fromRoot from the volume's root
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares these
public record MountedPath(Target target, byte[] fromRoot) {
    /** Paths from their volume's root, by volume. */
    public static Map<Target, List<byte[]>> group(List<String> arguments)
            throws CommandFailure, IOException {
        Map<Target, List<byte[]>> groups = new LinkedHashMap<>();
        for (String argument : arguments) {
            MountedPath place = of(argument);
            groups.computeIfAbsent(place.target(), t -> new ArrayList<>()).add(place.fromRoot());
        }
        return groups;
    }

    /**
     * Finds the volume that a path lies in. Symbolic links in front of the mountpoint are followed;
     * the path itself is not touched, it may name anything.
     */
    public static MountedPath of(String argument) throws CommandFailure, IOException {
        if (argument.isEmpty()) {
            throw new CommandFailure("PATH", "is empty", "name a file in a mounted volume");
        }
        byte[] path = absolute(ByteArguments.bytesOf(argument));
        MountTable table = MountTable.now();
        MountedPath found = in(table, path);
        if (found == null) {
            found = in(table, resolved(path));
        }
        if (found == null) {
            throw new CommandFailure(
                    SafeText.of(argument),
                    "lies in no mounted volume",
                    "name a file below a mountpoint; arc status lists them");
        }
        return found;
    }

    private static @Nullable MountedPath in(MountTable table, byte[] path)
            throws CommandFailure, IOException {
        MountTable.Entry best = null;
        for (MountTable.Entry entry : table.entries()) {
            boolean deeper =
                    best == null || entry.mountpoint().length() >= best.mountpoint().length();
            if (deeper && contains(bytes(entry.mountpoint()), path)) {
                best = entry;
            }
        }
        if (best == null || !best.type().equals(Target.FILE_SYSTEM_TYPE)) {
            return null;
        }
        Optional<MountTable.Entry> arcfs = Target.mountAt(Path.of(best.mountpoint()), table);
        if (arcfs.isEmpty()) {
            return null;
        }
        byte[] root = bytes(best.mountpoint());
        byte[] rest = Arrays.copyOfRange(path, Math.min(root.length, path.length), path.length);
        return new MountedPath(Target.of(best.mountpoint()), rest.length == 0 ? SLASH : rest);
    }

    private static final byte[] SLASH = {'/'};

    private static boolean contains(byte[] directory, byte[] path) {
        if (directory.length == 1) {
            return true; // the root
        }
        return path.length >= directory.length
                && Arrays.equals(directory, 0, directory.length, path, 0, directory.length)
                && (path.length == directory.length || path[directory.length] == '/');
    }

    /** Absolute, without "." and empty names; ".." goes up by name. */
    private static byte[] absolute(byte[] path) {
        byte[] whole = path;
        if (path[0] != '/') {
            byte[] here = bytes(Path.of("").toAbsolutePath() + "/");
            whole = Arrays.copyOf(here, here.length + path.length);
            System.arraycopy(path, 0, whole, here.length, path.length);
        }
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        java.util.ArrayDeque<String> names = new java.util.ArrayDeque<>();
        for (String name : text.split("/", -1)) {
            switch (name) {
                case "", "." -> {}
                case ".." -> names.pollLast();
                default -> names.addLast(name);
            }
        }
        return ("/" + String.join("/", names)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** With the links of the folder that holds it followed, where the JDK can name that folder. */
    private static byte[] resolved(byte[] path) {
        String text = new String(path, StandardCharsets.UTF_8);
        int slash = text.lastIndexOf('/');
        try {
            Path parent = Path.of(text.substring(0, Math.max(1, slash))).toRealPath();
            return bytes((parent.getNameCount() == 0 ? "" : parent) + text.substring(slash));
        } catch (IOException | RuntimeException e) {
            return path;
        }
    }

    private static byte[] bytes(String text) {
        return ByteArguments.bytesOf(text);
    }
}

package io.arcfs.cli.verb;

import io.arcfs.cli.ByteArguments;
import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.daemon.Target;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the mounted volume that a path lies in. Stateless. */
final class PathInVolume {
    private PathInVolume() {}

    /** Paths from their volume's root, by volume. */
    static Map<Target, List<byte[]>> group(List<String> paths) throws CommandFailure, IOException {
        Map<Target, List<byte[]>> groups = new LinkedHashMap<>();
        MountTable table = MountTable.now();
        for (String path : paths) {
            if (path.isEmpty()) {
                throw new CommandFailure("path", "is empty", "name a file below a mountpoint");
            }
            byte[] absolute = absolute(ByteArguments.bytesOf(path));
            MountTable.Entry mount = mountOf(absolute, table).orElse(null);
            if (mount == null) {
                absolute = real(path);
                mount = mountOf(absolute, table).orElse(null);
            }
            if (mount == null) {
                throw new CommandFailure(
                        SafeText.of(path),
                        "is not in a mounted volume",
                        "name a file below a mountpoint");
            }
            int root = bytes(mount).length;
            byte[] inside = Arrays.copyOfRange(absolute, root, absolute.length);
            groups.computeIfAbsent(Target.of(mount.mountpoint()), t -> new ArrayList<>())
                    .add(inside.length == 0 ? new byte[] {'/'} : inside);
        }
        return groups;
    }

    private static byte[] absolute(byte[] path) {
        if (path[0] == '/') {
            return path;
        }
        byte[] here = ByteArguments.bytesOf(Path.of("").toAbsolutePath() + "/");
        byte[] both = Arrays.copyOf(here, here.length + path.length);
        System.arraycopy(path, 0, both, here.length, path.length);
        return both;
    }

    /** With symbolic links resolved, as far as the JVM can express the name. */
    private static byte[] real(String path) throws CommandFailure {
        try {
            return ByteArguments.bytesOf(Path.of(path).toRealPath().toString());
        } catch (IOException e) {
            throw new CommandFailure(
                    SafeText.of(path),
                    "is not in a mounted volume",
                    "name a file below a mountpoint");
        }
    }

    /** The arcfs mount with the longest path that the path begins with. */
    private static Optional<MountTable.Entry> mountOf(byte[] absolute, MountTable table) {
        return table.entries().stream()
                .filter(entry -> entry.type().equals("fuse.arcfs"))
                .filter(entry -> isBelow(absolute, bytes(entry)))
                .reduce((a, b) -> bytes(b).length >= bytes(a).length ? b : a);
    }

    private static boolean isBelow(byte[] path, byte[] mount) {
        return path.length >= mount.length
                && Arrays.equals(path, 0, mount.length, mount, 0, mount.length)
                && (path.length == mount.length || path[mount.length] == '/');
    }

    private static byte[] bytes(MountTable.Entry mount) {
        return ByteArguments.bytesOf(mount.mountpoint());
    }
}

package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A volume that a command is about, named by its directory or by its mountpoint. Immutable.
 *
 * @param mount where it is mounted, or null
 */
public record Target(VolumeLayout volume, MountTable.@Nullable Entry mount) {
    static final String FILE_SYSTEM_TYPE = "fuse.arcfs";

    /** Finds the volume; touches the mount itself only where nothing else will do. */
    public static Target of(String argument) throws CommandFailure, IOException {
        return of(argument, MountTable.now());
    }

    static Target of(String argument, MountTable table) throws CommandFailure, IOException {
        Path path = pathOf(argument);
        Optional<MountTable.Entry> mounted = mountAt(path, table);
        if (mounted.isPresent()) {
            return ofMount(mounted.get());
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new CommandFailure(
                    SafeText.of(argument),
                    "no such file or directory",
                    "name a volume directory or a mountpoint");
        }
        if (!Files.isDirectory(path)
                || !Files.exists(new VolumeLayout(path).descriptor(), LinkOption.NOFOLLOW_LINKS)) {
            throw new CommandFailure(
                    SafeText.of(argument),
                    "neither an arcfs volume nor an arcfs mountpoint",
                    "make a volume with arc mkfs, or mount one with arc mount");
        }
        VolumeLayout layout = Volume.checked(path);
        return new Target(layout, mountOf(layout, table).orElse(null));
    }

    /** Every mounted volume this process can see. */
    public static List<Target> mounted() throws IOException {
        return MountTable.now().entries().stream()
                .filter(entry -> entry.type().equals(FILE_SYSTEM_TYPE))
                .map(Target::ofMount)
                .toList();
    }

    /** The arcfs mount that a path names, also if the process behind it is dead. */
    public static Optional<MountTable.Entry> mountAt(Path path, MountTable table)
            throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Optional<MountTable.Entry> mount = table.at(absolute);
        if (mount.isEmpty()) {
            mount = table.at(realPathOf(absolute));
        }
        return mount.filter(entry -> entry.type().equals(FILE_SYSTEM_TYPE));
    }

    /** The topmost mount of a volume. */
    public static Optional<MountTable.Entry> mountOf(VolumeLayout volume, MountTable table) {
        String source = volume.directory().toString();
        return table.entries().reversed().stream()
                .filter(entry -> entry.type().equals(FILE_SYSTEM_TYPE))
                .filter(entry -> entry.source().equals(source))
                .findFirst();
    }

    private static Target ofMount(MountTable.Entry entry) {
        return new Target(new VolumeLayout(Path.of(entry.source())), entry);
    }

    /** The real path, as far as it can be known: the last name may be a mount that is dead. */
    private static Path realPathOf(Path absolute) throws IOException {
        try {
            return absolute.toRealPath();
        } catch (IOException e) {
            Path parent = absolute.getParent();
            Path name = absolute.getFileName();
            if (parent == null || name == null || !Files.isDirectory(parent)) {
                return absolute;
            }
            return parent.toRealPath().resolve(name);
        }
    }

    private static Path pathOf(String argument) throws CommandFailure {
        if (argument.isEmpty()) {
            throw new CommandFailure(
                    "target", "is empty", "name a volume directory or a mountpoint");
        }
        return Path.of(argument);
    }
}

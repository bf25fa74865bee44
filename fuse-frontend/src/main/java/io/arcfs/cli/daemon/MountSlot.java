package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.posix.Posix;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * One of the places for mounts on this host, held by a kernel lock in the runtime directory until
 * the process ends. Thread-safe.
 */
final class MountSlot implements AutoCloseable {
    private final FileChannel channel;

    private MountSlot(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * @param maxMounts what the volume that is to be mounted allows
     */
    static MountSlot take(int maxMounts) throws CommandFailure, IOException {
        Path directory = runtimeDirectory();
        for (int slot = 0; slot < maxMounts; slot++) {
            FileChannel channel =
                    FileChannel.open(
                            directory.resolve("mount-" + slot),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new MountSlot(channel);
            }
            channel.close();
        }
        throw new CommandFailure(
                "mount",
                maxMounts + " volumes are mounted, and limits.maxMounts allows no more",
                "unmount one, or raise limits.maxMounts");
    }

    private static Path runtimeDirectory() throws IOException {
        int user = Posix.getuid();
        Path preferred = preferredDirectory(user);
        try {
            return makePrivate(preferred);
        } catch (IOException e) {
            return makePrivate(Path.of("/tmp", "arcfs-" + user));
        }
    }

    private static Path preferredDirectory(int user) {
        if (user == 0) {
            return Path.of("/run/arcfs");
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime != null && runtime.startsWith("/")) {
            return Path.of(runtime, "arcfs");
        }
        return Path.of("/run/user/" + user, "arcfs");
    }

    private static Path makePrivate(Path directory) throws IOException {
        try {
            Files.createDirectory(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    || !Files.isWritable(directory)) {
                throw new IOException(SafeText.of(directory) + " is not usable", e);
            }
        }
        return directory;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

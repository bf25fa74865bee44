package io.arcfs.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to open a volume (R1): a lock of the kernel on VOLUME/lock, which dies with its
 * process, so a stale file or a reused pid never stands in the way. The holder's pid inside is for
 * people.
 *
 * <p>Thread-safe.
 */
public final class VolumeLock implements AutoCloseable {
    /**
     * Volumes that this process holds. The kernel's lock belongs to the process and goes when any
     * descriptor of the file is closed, so a second try in one process must not even open it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private static final int MAX_PID_BYTES = 20;
    private static final Path KERNEL_LOCKS = Path.of("/proc/locks");

    private final Path key;
    private final FileChannel channel;

    private VolumeLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /**
     * @throws VolumeInUseException if the volume is open elsewhere
     */
    public static VolumeLock acquire(VolumeLayout layout) throws IOException {
        Path key = layout.directory().toRealPath();
        if (!HELD.add(key)) {
            throw new VolumeInUseException(
                    layout.directory(), "pid " + ProcessHandle.current().pid() + " (this one)");
        }
        boolean acquired = false;
        try {
            VolumeLock lock = lockFile(layout, key);
            acquired = true;
            return lock;
        } finally {
            if (!acquired) {
                HELD.remove(key);
            }
        }
    }

    private static VolumeLock lockFile(VolumeLayout layout, Path key) throws IOException {
        Path file = layout.lock();
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException(SafeText.of(file) + ": is no regular file");
        }
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new VolumeInUseException(layout.directory(), holderOf(channel));
            }
            channel.truncate(0);
            String pid = ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
            locked = true;
            return new VolumeLock(key, channel);
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    /**
     * The process that has the volume open, asked without touching the lock; empty if there is none
     * or it cannot be known.
     */
    public static OptionalLong holder(VolumeLayout layout) {
        try {
            if (HELD.contains(layout.directory().toRealPath())) {
                return OptionalLong.of(ProcessHandle.current().pid());
            }
            String pid = Files.readString(layout.lock()).strip();
            String inode = ":" + Files.getAttribute(layout.lock(), "unix:ino");
            for (String line : Files.readAllLines(KERNEL_LOCKS)) {
                // 1: POSIX ADVISORY WRITE pid major:minor:inode start end
                List<String> fields = List.of(line.strip().split(" +"));
                if (fields.size() >= 6
                        && fields.get(1).equals("POSIX")
                        && fields.get(4).equals(pid)
                        && fields.get(5).endsWith(inode)) {
                    return OptionalLong.of(Long.parseLong(pid));
                }
            }
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    private static String holderOf(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_PID_BYTES);
        channel.read(buffer, 0);
        String pid =
                new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
        boolean readable = !pid.isEmpty() && pid.chars().allMatch(c -> c >= '0' && c <= '9');
        return readable ? "pid " + pid : "another process";
    }

    /** Gives the volume free. Idempotent. */
    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try (channel) {
            channel.truncate(0);
        } finally {
            HELD.remove(key);
        }
    }
}

package io.arcfs.cli.control;

import io.arcfs.cli.CommandFailure;
import io.arcfs.fuse.HandOver;
import io.arcfs.fuse.abi.Descriptors;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where a successor waits for a mount: a Unix socket in the volume directory, through which come
 * the descriptor of /dev/fuse and then the state, to the end of the stream. Confined to one thread.
 */
public final class HandOverSocket implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Path path;
    private final int listener;

    private HandOverSocket(Path path, int listener) {
        this.path = path;
        this.listener = listener;
    }

    /** Listens; the volume directory lets in its owner alone. */
    public static HandOverSocket listen(VolumeLayout volume) throws IOException {
        Path path = volume.directory().resolve("handover.sock");
        Files.deleteIfExists(path); // of a successor that died; who wants to succeed asks next
        try (SocketAddressing addressing = SocketAddressing.of(path)) {
            return new HandOverSocket(
                    path, Descriptors.listen(addressing.address().getPath().toString()));
        }
    }

    public Path path() {
        return path;
    }

    /** Waits for the predecessor. */
    public HandOver receive() throws IOException, CommandFailure {
        int connection = Descriptors.accept(listener, LIMIT);
        if (connection < 0) {
            throw new CommandFailure(
                    SafeText.of(path),
                    "the process that serves the mount did not hand it over",
                    "look into its log, or unmount and mount again");
        }
        try {
            int device = Descriptors.receive(connection);
            if (device < 0) {
                throw new IOException("the mount was not handed over");
            }
            return new HandOver(device, Descriptors.readAll(connection));
        } finally {
            Descriptors.close(connection);
        }
    }

    /** Gives a mount to the successor that listens at a path. */
    public static void send(Path path, HandOver handOver) throws IOException {
        try (SocketAddressing addressing = SocketAddressing.of(path)) {
            int connection = Descriptors.connect(addressing.address().getPath().toString());
            try {
                Descriptors.send(connection, handOver.descriptor());
                Descriptors.write(connection, handOver.state());
            } finally {
                Descriptors.close(connection);
            }
        }
    }

    @Override
    public void close() throws IOException {
        Descriptors.close(listener);
        Files.deleteIfExists(path);
    }
}

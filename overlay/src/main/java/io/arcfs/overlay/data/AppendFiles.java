package io.arcfs.overlay.data;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The folder of append files: finds, makes and removes them, and makes their names durable.
 * Thread-safe.
 */
public final class AppendFiles {
    private final Path directory;
    private final Map<Long, AppendFile> files = new ConcurrentHashMap<>();
    private final AtomicBoolean namesChanged = new AtomicBoolean();

    private AppendFiles(Path directory) {
        this.directory = directory;
    }

    public static AppendFiles open(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new AppendFiles(directory);
    }

    public Path directory() {
        return directory;
    }

    /** The append file of that number. */
    public AppendFile get(long number) {
        return files.computeIfAbsent(number, n -> new AppendFile(n, pathOf(n)));
    }

    /** Makes an append file and retains it; a leftover of that number is emptied. */
    public AppendFile create(long number) throws IOException {
        AppendFile file = get(number);
        file.create();
        namesChanged.set(true);
        Failpoint.APPEND_FILE_CREATED.reach();
        return file;
    }

    /** Removes the file's name; its bytes stay for whoever retains it (D2). Idempotent. */
    public void remove(long number) throws IOException {
        files.remove(number);
        Posix.unlinkIfPresent(pathOf(number));
        Failpoint.GARBAGE_REMOVED.reach();
    }

    /**
     * Makes the names of all files made before the call durable. One at a time: who finds nothing
     * to do must not return while another still does it.
     */
    public synchronized void syncNames() throws IOException {
        if (namesChanged.getAndSet(false)) {
            try {
                Posix.syncDirectory(directory);
            } catch (IOException e) {
                namesChanged.set(true);
                throw e;
            }
        }
    }

    /** Names that another process made may not be durable. */
    public void namesMayBeNew() {
        namesChanged.set(true);
    }

    public Path pathOf(long number) {
        return directory.resolve(HexFormat.of().toHexDigits(number));
    }
}

package io.arcfs.posix;

import io.arcfs.failpoint.Failpoint;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Publishes a file so that its name shows the old content or all of the new, whatever crashes:
 * write a temporary beside it, force it, rename it, force the directory.
 *
 * <p>A crash may leave the temporary behind; {@link #removeTemporaries} clears them when no one
 * publishes into the directory. Thread-safe; of two at once to one target the later rename wins.
 */
public final class AtomicPublish {
    private static final String PREFIX = ".";
    private static final String SUFFIX = ".publish";

    private AtomicPublish() {}

    /** Writes the content of a file that is about to be published. */
    @FunctionalInterface
    public interface Content {
        void writeTo(PosixFile file) throws IOException;
    }

    public static void publish(Path target, byte[] content) throws IOException {
        publish(target, file -> file.write(0, MemorySegment.ofArray(content)));
    }

    /** Publishes what {@code content} writes; if it throws, the target stays as it was. */
    public static void publish(Path target, Content content) throws IOException {
        Path temporary = temporaryFor(target);
        boolean renamed = false;
        try {
            try (PosixFile file =
                    PosixFile.open(
                            temporary,
                            OpenFlag.READ,
                            OpenFlag.WRITE,
                            OpenFlag.CREATE,
                            OpenFlag.EXCLUSIVE)) {
                Failpoint.PUBLISH_CREATED.reach();
                content.writeTo(file);
                file.sync();
                Failpoint.PUBLISH_SYNCED.reach();
            }
            rename(temporary, target);
            renamed = true;
        } finally {
            if (!renamed) {
                removeQuietly(temporary);
            }
        }
    }

    /** Renames a file that is already durable and makes its new name durable. */
    public static void rename(Path durable, Path target) throws IOException {
        Posix.rename(Posix.bytes(durable), Posix.bytes(target));
        Failpoint.PUBLISH_RENAMED.reach();
        Posix.syncDirectory(directoryOf(target));
        Failpoint.PUBLISH_DONE.reach();
    }

    /** Removes what crashes left of publications into this directory; returns their names. */
    public static List<String> removeTemporaries(Path directory) throws IOException {
        List<String> removed = new ArrayList<>();
        for (byte[] name : Posix.list(Posix.bytes(directory))) {
            String text = Posix.display(name);
            if (isTemporary(text)) {
                Posix.unlink(Posix.bytes(directory.resolve(text)));
                Failpoint.PUBLISH_SWEPT.reach();
                removed.add(text);
            }
        }
        return removed;
    }

    /** Whether a file of this name is one that {@link #publish} had not finished. */
    public static boolean isTemporary(String fileName) {
        return fileName.startsWith(PREFIX) && fileName.endsWith(SUFFIX);
    }

    /** A fresh name beside the target, one that {@link #removeTemporaries} knows. */
    public static Path temporaryFor(Path target) {
        Path name = target.getFileName();
        if (name == null) {
            throw new IllegalArgumentException("not a file: " + target);
        }
        String unique = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return target.resolveSibling(PREFIX + name + "." + unique + SUFFIX);
    }

    private static Path directoryOf(Path target) {
        Path parent = target.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("not a file: " + target);
        }
        return parent;
    }

    private static void removeQuietly(Path temporary) {
        try {
            Posix.unlink(Posix.bytes(temporary));
        } catch (IOException e) {
            // The failure that brought us here is the one to report; removeTemporaries clears up.
            return;
        }
    }
}

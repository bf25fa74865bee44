package io.arcfs.cli.image;

import io.arcfs.posix.AtomicPublish;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Files that appear under their names only when all of them are complete; those that do not are
 * removed. Never takes the place of a file that exists. Confined to one thread.
 */
public final class NewFiles implements AutoCloseable {
    private final List<Path> drafts = new ArrayList<>();
    private final List<Path> targets = new ArrayList<>();

    /** Where to write what will be {@code target}. */
    public Path draftOf(Path target) throws IOException {
        requireAbsent(target);
        Path draft = AtomicPublish.temporaryFor(target);
        drafts.add(draft);
        targets.add(target);
        return draft;
    }

    /** Gives all drafts their names, those asked for last first. */
    public void publish() throws IOException {
        while (!drafts.isEmpty()) {
            Path target = targets.removeLast();
            requireAbsent(target);
            Files.move(drafts.getLast(), target);
            drafts.removeLast();
        }
    }

    private static void requireAbsent(Path target) throws FileAlreadyExistsException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
    }

    /** Removes the drafts that were not published. */
    @Override
    public void close() throws IOException {
        for (Path draft : drafts) {
            Files.deleteIfExists(draft);
        }
    }
}

package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Where the repository under test stands. Thread-safe. */
public final class Project {
    private Project() {}

    public static Path root() {
        try {
            return Path.of(System.getProperty("arcfs.root", "..")).toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The build folder of it-tests, for what a person may want to read after a run. */
    public static Path target() {
        return Path.of(System.getProperty("arcfs.it.target", "target")).toAbsolutePath();
    }
}

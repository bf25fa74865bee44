package io.arcfs.ublk;

import java.io.IOException;
import java.nio.file.Path;

/** A file that cannot be the backing of a device. */
public final class BackingException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final String problem;

    public BackingException(Path file, String problem) {
        super(file + ": " + problem);
        this.file = file;
        this.problem = problem;
    }

    public Path file() {
        return file;
    }

    public String problem() {
        return problem;
    }
}

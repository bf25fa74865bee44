package io.arcfs.recovery;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A volume descriptor that cannot be used, with the file, the key and what would be allowed.
 * Immutable.
 */
public final class DescriptorException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final String problem;

    /**
     * @param problem what is wrong, beginning with the key's path where there is one
     */
    public DescriptorException(Path file, String problem) {
        super(SafeText.of(file) + ": " + problem);
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

package io.arcfs.recovery;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where a cold medium is, as {@code scheme:path}. A relative path starts at the volume directory,
 * so that a volume with its cold folder inside can be moved as a whole. Immutable.
 *
 * @param scheme only "dir" so far
 * @param path as written
 */
public record ColdSpec(String scheme, Path path) {
    public static final String FORM = "dir:PATH";

    /**
     * @throws IllegalArgumentException if the text is no spec, saying what is allowed
     */
    public static ColdSpec parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("must be " + FORM);
        }
        String scheme = text.substring(0, colon);
        switch (scheme) {
            case "dir" -> {}
            case "block", "sim", "s3", "tape" ->
                    throw new IllegalArgumentException(
                            scheme + ": media are not built yet, must be " + FORM);
            default -> throw new IllegalArgumentException("must be " + FORM);
        }
        return new ColdSpec(scheme, checkedPath(text.substring(colon + 1)));
    }

    private static Path checkedPath(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("has no path; must be " + FORM);
        }
        if (text.equals("~") || text.startsWith("~/")) {
            throw new IllegalArgumentException("has a ~, which nobody expands here; write it out");
        }
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("has a path that no file can have", e);
        }
        for (Path name : path) {
            if (name.toString().equals("..")) {
                throw new IllegalArgumentException("has .. in its path; write the path out");
            }
        }
        return path;
    }

    /** The spec with an absolute path. */
    public ColdSpec resolveIn(Path volumeDirectory) {
        return new ColdSpec(scheme, volumeDirectory.resolve(path).normalize());
    }

    /** The text that {@link #parse} reads back. */
    @Override
    public String toString() {
        return scheme + ":" + path;
    }
}

package io.arcfs.recovery;

import io.arcfs.tier.medium.MediumSpec;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where a cold medium is, as {@code scheme:path?parameters}. A relative path starts at the volume
 * directory, so that a volume with its cold folder inside can be moved as a whole. Immutable.
 *
 * @param scheme "dir", "block" or "sim"; see {@link MediumSpec}
 * @param path as written
 * @param parameters what stands behind the question mark, empty if there is none
 */
public record ColdSpec(String scheme, Path path, String parameters) {
    public static final String FORM = MediumSpec.FORM;

    /** A spec without parameters. */
    public ColdSpec(String scheme, Path path) {
        this(scheme, path, "");
    }

    /**
     * @throws IllegalArgumentException if the text is no spec, saying what is allowed
     */
    public static ColdSpec parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("must be " + FORM);
        }
        String scheme = text.substring(0, colon);
        String rest = text.substring(colon + 1);
        int question = scheme.equals("dir") ? -1 : rest.indexOf('?');
        switch (scheme) {
            case "dir", "block", "sim" -> {}
            case "s3", "tape" ->
                    throw new IllegalArgumentException(
                            scheme + ": media are not built yet, must be " + FORM);
            default -> throw new IllegalArgumentException("must be " + FORM);
        }
        Path path = checkedPath(question < 0 ? rest : rest.substring(0, question));
        checkParameters(text);
        return new ColdSpec(scheme, path, question < 0 ? "" : rest.substring(question + 1));
    }

    /** The tier knows its media's parameters; its message names the spec, which ours does too. */
    private static void checkParameters(String text) {
        try {
            MediumSpec.parse(text, Path.of("/"));
        } catch (IllegalArgumentException e) {
            Throwable cause = e.getCause();
            throw new IllegalArgumentException(
                    cause == null ? e.getMessage() : cause.getMessage(), e);
        }
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
        return new ColdSpec(scheme, volumeDirectory.resolve(path).normalize(), parameters);
    }

    /** The text that {@link #parse} reads back. */
    @Override
    public String toString() {
        String text = String.format(Locale.ROOT, "%s:%s", scheme, path);
        return parameters.isEmpty() ? text : text + "?" + parameters;
    }
}

package io.arcfs.tier.medium;

import java.nio.file.Path;
import java.util.Locale;

/**
 * Names a cold medium, as arc.json and the command line do: {@code dir:PATH}. Immutable.
 *
 * @param text as it was given
 * @param path a relative one is taken from the volume directory
 */
public record MediumSpec(String text, Path path) {
    private static final String DIRECTORY_SCHEME = "dir";

    /**
     * @throws IllegalArgumentException with one line that says what is wrong
     */
    public static MediumSpec parse(String text, Path volumeDirectory) {
        int colon = text.indexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new IllegalArgumentException("cold medium \"" + text + "\": expected dir:PATH");
        }
        String scheme = text.substring(0, colon).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case DIRECTORY_SCHEME ->
                    new MediumSpec(
                            text, volumeDirectory.resolve(text.substring(colon + 1)).normalize());
            case "block", "sim", "s3", "tape" ->
                    throw new IllegalArgumentException(
                            "cold medium \""
                                    + text
                                    + "\": "
                                    + scheme
                                    + ": media are not built yet; use dir:PATH");
            default ->
                    throw new IllegalArgumentException(
                            "cold medium \""
                                    + text
                                    + "\": no kind of medium is called "
                                    + scheme
                                    + "; use dir:PATH");
        };
    }
}

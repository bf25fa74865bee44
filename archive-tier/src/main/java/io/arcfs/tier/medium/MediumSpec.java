package io.arcfs.tier.medium;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Names a cold medium, as arc.json and the command line do: {@code SCHEME:PATH[?KEY=VALUE&...]}.
 * Immutable.
 *
 * <pre>
 * dir:PATH
 * block:PATH[?size=SIZE]                  size: of a regular file that does not exist yet
 * sim:PATH[?mount=D&locate=D&mbps=N&capacity=SIZE&scale=F]     load is another word for mount
 * </pre>
 *
 * @param text as it was given
 * @param path a relative one is taken from the volume directory
 */
public record MediumSpec(String text, Kind kind, Path path, SpecParameters parameters) {
    /** What stands before the colon. */
    public enum Kind {
        DIR,
        BLOCK,
        SIM;

        private Set<String> keys() {
            return switch (this) {
                case DIR -> Set.of();
                case BLOCK -> Set.of("size");
                case SIM -> Set.of("mount", "load", "locate", "mbps", "capacity", "scale");
            };
        }

        /** As it is written. */
        public String scheme() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a spec looks like, for messages. */
    public static final String FORM = "dir:PATH, block:PATH or sim:PATH?KEY=VALUE";

    /**
     * @throws IllegalArgumentException with one line that says what is wrong
     */
    public static MediumSpec parse(String text, Path volumeDirectory) {
        try {
            return parsed(text, volumeDirectory);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cold medium \"" + text + "\": " + e.getMessage(), e);
        }
    }

    private static MediumSpec parsed(String text, Path volumeDirectory) {
        int colon = text.indexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("expected " + FORM);
        }
        Kind kind = kindOf(text.substring(0, colon));
        String rest = text.substring(colon + 1);
        // A directory's name may hold any character.
        int question = kind == Kind.DIR ? -1 : rest.indexOf('?');
        String path = question < 0 ? rest : rest.substring(0, question);
        if (path.isEmpty()) {
            throw new IllegalArgumentException("has no path; expected " + FORM);
        }
        SpecParameters parameters =
                question < 0
                        ? SpecParameters.NONE
                        : SpecParameters.parse(rest.substring(question + 1), kind.keys());
        MediumSpec spec =
                new MediumSpec(text, kind, volumeDirectory.resolve(path).normalize(), parameters);
        switch (kind) {
            case DIR -> {}
            // Refused here rather than when the medium is first needed.
            case BLOCK -> parameters.size("size", 0);
            case SIM -> SimSettings.of(parameters);
        }
        return spec;
    }

    private static Kind kindOf(String scheme) {
        for (Kind kind : Kind.values()) {
            if (kind.scheme().equals(scheme.toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                switch (scheme.toLowerCase(Locale.ROOT)) {
                    case "s3", "tape" ->
                            scheme + ": media are not built yet; use dir:PATH or block:PATH";
                    default -> "no kind of medium is called " + scheme + "; use " + FORM;
                });
    }
}

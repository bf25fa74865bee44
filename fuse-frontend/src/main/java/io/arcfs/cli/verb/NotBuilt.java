package io.arcfs.cli.verb;

import java.util.Optional;
import java.util.Set;

/** Verbs that the contract names and nobody has built yet: they say so instead of pretending. */
final class NotBuilt {
    private static final Set<String> VERBS =
            Set.of("explain");

    private NotBuilt() {}

    /** The verb of these arguments, if it is one of them. */
    static Optional<String> verbIn(String[] arguments) {
        if (arguments.length == 0) {
            return Optional.empty();
        }
        String one = arguments[0];
        String two = arguments.length > 1 ? one + " " + arguments[1] : one;
        return Optional.of(two)
                .filter(VERBS::contains)
                .or(() -> Optional.of(one).filter(VERBS::contains));
    }
}

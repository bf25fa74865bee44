package io.arcfs.cli.doctor;

import java.util.Locale;

/**
 * One thing that was looked at. Immutable.
 *
 * @param name of it, stable, for scripts
 * @param says what was found
 * @param fix what to do; empty if nothing is to be done
 */
public record Finding(String name, Level level, String says, String fix) {
    /** How bad it is. */
    public enum Level {
        OK,
        /** Something is slower or not to be had; archives work. */
        HINT,
        /** Something goes wrong before long. */
        WARNING,
        /** Nothing can be mounted. */
        PROBLEM;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String name, String says) {
        return new Finding(name, Level.OK, says, "");
    }

    static Finding hint(String name, String says, String fix) {
        return new Finding(name, Level.HINT, says, fix);
    }

    static Finding warning(String name, String says, String fix) {
        return new Finding(name, Level.WARNING, says, fix);
    }

    static Finding problem(String name, String says, String fix) {
        return new Finding(name, Level.PROBLEM, says, fix);
    }
}

package io.arcfs.cli.console;

import java.util.Locale;

/** Colours words by what they mean, or leaves them alone. Immutable. */
public enum Paint {
    PLAIN,
    COLOURS;

    static final char ESCAPE = '\u001b';

    public String heading(String text) {
        return in("1", text);
    }

    public String good(String text) {
        return in("32", text);
    }

    public String warning(String text) {
        return in("33", text);
    }

    public String bad(String text) {
        return in("31", text);
    }

    private String in(String code, String text) {
        return this == PLAIN || text.isEmpty()
                ? text
                : String.format(Locale.ROOT, "%c[%sm%s%c[0m", ESCAPE, code, text, ESCAPE);
    }
}

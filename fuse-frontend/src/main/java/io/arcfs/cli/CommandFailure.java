package io.arcfs.cli;

import org.jspecify.annotations.Nullable;

/**
 * A command that could not do what it was asked, for people: what, why, and what to do about it.
 * Immutable.
 */
public final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String why;
    private final String remedy;

    /**
     * @param what the thing it is about: a path, a key, a verb
     * @param why what is the matter with it
     * @param remedy what the user can do
     */
    public CommandFailure(String what, String why, String remedy) {
        this(what, why, remedy, null);
    }

    public CommandFailure(String what, String why, String remedy, @Nullable Throwable cause) {
        super(what + ": " + why + "; " + remedy, cause);
        this.what = what;
        this.why = why;
        this.remedy = remedy;
    }

    /**
     * A failure from its line "what: why; what to do", as other processes and transports write it.
     *
     * @param otherwise what to do if the line does not say
     */
    public static CommandFailure ofLine(String line, String otherwise, @Nullable Throwable cause) {
        int afterWhat = line.indexOf(": ");
        int beforeRemedy = line.lastIndexOf("; ");
        String what = afterWhat < 0 ? "arcfs" : line.substring(0, afterWhat);
        int why = afterWhat < 0 ? 0 : afterWhat + 2;
        if (beforeRemedy < why) {
            return new CommandFailure(what, line.substring(why), otherwise, cause);
        }
        return new CommandFailure(
                what, line.substring(why, beforeRemedy), line.substring(beforeRemedy + 2), cause);
    }

    public String what() {
        return what;
    }

    public String why() {
        return why;
    }

    public String remedy() {
        return remedy;
    }
}

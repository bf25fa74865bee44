package io.arcfs.cli.control;

/** Hears how far a command is. Implementations are thread-safe. */
@FunctionalInterface
public interface Progress {
    Progress NONE = _ -> {};

    void report(Step step);

    /**
     * @param kind what is done: "build", "merge", "destage", "dump"
     * @param subject on what
     * @param totalBytes 0 if it is not known
     */
    record Step(String kind, String subject, long doneBytes, long totalBytes) {}
}

package io.arcfs.recovery.fsck;

import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.recovery.fsck.Finding.Severity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects what checks find; of one kind only so many in full. One damaged part ends its own check
 * and no other. Confined to one thread.
 */
final class Findings {
    private static final int MOST_OF_A_KIND = 1000;

    private final List<Finding> all = new ArrayList<>();
    private final Map<Kind, Integer> counts = new TreeMap<>();

    void error(Kind kind, String subject, String what) {
        add(new Finding(kind, Severity.ERROR, subject, what));
    }

    void repairable(Kind kind, String subject, String what) {
        add(new Finding(kind, Severity.REPAIRABLE, subject, what));
    }

    void note(Kind kind, String subject, String what) {
        add(new Finding(kind, Severity.NOTE, subject, what));
    }

    private void add(Finding finding) {
        int count = counts.merge(finding.kind(), 1, Integer::sum);
        if (count <= MOST_OF_A_KIND) {
            all.add(finding);
        }
    }

    /** A check. */
    interface Check {
        void run() throws IOException;
    }

    /** Runs a check; what keeps it from its end is a finding, too. */
    void guard(Kind kind, String subject, Check check) {
        try {
            check.run();
        } catch (IOException | RuntimeException e) {
            error(kind, subject, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    boolean has(Kind... kinds) {
        return all.stream()
                .anyMatch(finding ->
                        finding.severity() != Severity.NOTE
                                && List.of(kinds).contains(finding.kind()));
    }

    /** The worst first. */
    List<Finding> toList() {
        List<Finding> sorted = new ArrayList<>(all);
        counts.forEach((kind, count) -> {
            if (count > MOST_OF_A_KIND) {
                sorted.add(
                        new Finding(
                                kind,
                                Severity.ERROR,
                                "all",
                                (count - MOST_OF_A_KIND) + " more of this kind"));
            }
        });
        sorted.sort(null);
        return List.copyOf(sorted);
    }
}

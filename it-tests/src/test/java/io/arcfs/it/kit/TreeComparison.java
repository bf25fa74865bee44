package io.arcfs.it.kit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Compares two snapshots and says every difference in a line that a person can read. */
public final class TreeComparison {
    private static final int SHOWN = 40;

    private TreeComparison() {}

    /** Fails unless both show the same names with the same aspects. */
    public static void assertSame(
            String what, TreeSnapshot expected, TreeSnapshot actual, EnumSet<Aspect> aspects) {
        List<String> differences = differences(expected, actual, aspects);
        if (!differences.isEmpty()) {
            List<String> shown = differences.subList(0, Math.min(SHOWN, differences.size()));
            throw new AssertionError(
                    "%s: %d differences between %s (expected, %d names) and %s (%d names):%n  %s"
                            .formatted(
                                    what,
                                    differences.size(),
                                    expected.root(),
                                    expected.size(),
                                    actual.root(),
                                    actual.size(),
                                    String.join("\n  ", shown)));
        }
        if (expected.size() < 1) {
            throw new AssertionError(what + ": nothing was compared");
        }
    }

    public static List<String> differences(
            TreeSnapshot expected, TreeSnapshot actual, EnumSet<Aspect> aspects) {
        List<String> found = new ArrayList<>();
        Set<String> paths = new TreeSet<>(expected.entries().keySet());
        paths.addAll(actual.entries().keySet());
        for (String path : paths) {
            TreeEntry left = expected.entries().get(path);
            TreeEntry right = actual.entries().get(path);
            String name = path.isEmpty() ? "(root)" : TreeSnapshot.readable(path);
            if (left == null) {
                found.add(name + ": unexpected");
            } else if (right == null) {
                found.add(name + ": missing");
            } else {
                for (Aspect aspect : aspects) {
                    Object want = aspect.of(left);
                    Object got = aspect.of(right);
                    if (!want.equals(got)) {
                        found.add(
                                "%s: %s is %s, expected %s"
                                        .formatted(
                                                name,
                                                aspect,
                                                TreeSnapshot.readable(String.valueOf(got)),
                                                TreeSnapshot.readable(String.valueOf(want))));
                    }
                }
            }
        }
        return found;
    }
}

package io.arcfs.recovery.fsck;

import io.arcfs.recovery.SafeText;
import java.util.Locale;

/**
 * Something that is not as it should be. Immutable.
 *
 * @param subject what it is about: a file, a layer, a container, an inode
 */
public record Finding(Kind kind, Severity severity, String subject, String what)
        implements Comparable<Finding> {
    /** What is wrong. */
    public enum Kind {
        DESCRIPTOR,
        NAMESPACE_CATALOG,
        TIER_CATALOG,
        LAYER,
        IMAGE,
        NAME,
        INODE,
        NAME_TABLE,
        APPEND_FILE,
        CONTAINER,
        ADDRESS,
        SSD_COPY,
        MEDIUM,
        COLD_COPY,
        LEFTOVER
    }

    /** How bad it is. */
    public enum Severity {
        /** Something is lost or wrong. */
        ERROR,
        /** Nothing is lost: what is wrong can be made again from what is right. */
        REPAIRABLE,
        /** What the next mount puts in order by itself, or what is good to know. */
        NOTE
    }

    @Override
    public int compareTo(Finding other) {
        int order = severity.compareTo(other.severity);
        order = order != 0 ? order : kind.compareTo(other.kind);
        return order != 0 ? order : subject.compareTo(other.subject);
    }

    /** One line. */
    @Override
    public String toString() {
        return SafeText.of(
                severity.name().toLowerCase(Locale.ROOT)
                        + " "
                        + kind.name().toLowerCase(Locale.ROOT).replace('_', '-')
                        + " "
                        + subject
                        + ": "
                        + what);
    }
}

package io.arcfs.overlay.namespace;

import io.arcfs.overlay.Residence;
import io.arcfs.tier.RecallEstimate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code user.arc.state} and {@code user.arc.eta} of regular files: made when they are asked for,
 * kept nowhere, not listed and not to be set, so that copies with all xattrs neither carry nor miss
 * them (ADR 0090). Thread-safe.
 */
final class StateXattrs {
    private static final byte[] PREFIX = "user.arc.".getBytes(StandardCharsets.US_ASCII);
    private static final String STATE = "user.arc.state";
    private static final String ETA = "user.arc.eta";

    private final ResidenceSurvey survey;

    StateXattrs(ResidenceSurvey survey) {
        this.survey = survey;
    }

    /** Whether the name is one that only arcfs gives. */
    static boolean isOurs(byte[] name) {
        return name.length >= PREFIX.length
                && Arrays.equals(name, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
    }

    /**
     * The value of one of ours, or null: no such name, or no regular file.
     *
     * <p>The eta is in whole seconds, rounded up, of a recall of all of the file; {@code unknown}
     * where nobody can tell or a medium is away.
     */
    byte @Nullable [] get(long inode, byte[] name) throws IOException {
        String text = new String(name, StandardCharsets.ISO_8859_1);
        if (!text.equals(STATE) && !text.equals(ETA)) {
            return null;
        }
        Residence residence = survey.of(inode);
        if (residence == null) {
            return null;
        }
        String value = text.equals(STATE) ? residence.state().word() : eta(residence);
        return value.getBytes(StandardCharsets.US_ASCII);
    }

    private static String eta(Residence residence) {
        RecallEstimate recall = residence.recall();
        if (recall == null || recall.unreachable() > 0) {
            return residence.state() == Residence.State.UPPER
                            || residence.state() == Residence.State.SSD
                    ? "0"
                    : "unknown";
        }
        return Long.toString((recall.time().toMillis() + 999) / 1000);
    }
}

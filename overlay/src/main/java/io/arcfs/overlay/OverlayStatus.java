package io.arcfs.overlay;

import io.arcfs.tier.TierStatus.Work;
import java.util.List;

/**
 * A snapshot for {@code arc status}.
 *
 * @param layers newest first, upper included
 */
public record OverlayStatus(
        Upper upper, List<Layer> layers, List<Work> work, int handles, List<String> problems) {
    /** The active layer. */
    public record Upper(String name, long bytes, long files, long threshold) {}

    /** A layer; state is ACTIVE, SEALED, ARCHIVED or COLD. */
    public record Layer(String name, String state, long files, long dataBytes, long metaBytes) {}
}

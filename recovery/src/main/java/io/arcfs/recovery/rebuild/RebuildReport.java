package io.arcfs.recovery.rebuild;

import io.arcfs.recovery.VolumeLayout;
import java.util.List;
import java.util.UUID;

/**
 * What a rebuild came to. Immutable.
 *
 * @param layers how many layers there are again, counted from 0
 * @param layersOnMedia how many the media speak of; more than {@code layers}: the newest could not
 *     be had
 * @param images names of the images they lie in
 * @param containers how many containers were found
 * @param files files in the volume
 * @param missing containers that images need and no medium has
 * @param suffering paths of files that have bytes in one of them
 * @param problems what could not be read or does not fit, one line each
 */
public record RebuildReport(
        VolumeLayout layout,
        UUID volume,
        int layers,
        int layersOnMedia,
        List<String> images,
        int containers,
        long files,
        List<String> missing,
        List<String> suffering,
        List<String> problems) {
    /** Whether all that the media speak of is there. */
    public boolean isComplete() {
        return layers == layersOnMedia
                && missing.isEmpty()
                && suffering.isEmpty()
                && problems.isEmpty();
    }
}

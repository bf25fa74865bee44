package io.arcfs.tier;

import java.time.Duration;
import java.util.List;

/**
 * What bringing bytes back would take, by what is known now; nothing is touched to find out.
 *
 * @param objects that the bytes lie in
 * @param coldObjects of them, those that are on no SSD
 * @param coldBytes that they hold
 * @param containers that hold the cold objects
 * @param media specs of the cold media that would be read; each may have to be mounted
 * @param unreachable cold objects that no medium gives at the moment
 * @param time for who asks alone, from media that are not mounted
 */
public record RecallEstimate(
        long objects,
        long coldObjects,
        long coldBytes,
        int containers,
        List<String> media,
        long unreachable,
        Duration time) {
    public RecallEstimate {
        media = List.copyOf(media);
    }
}

package io.arcfs.recovery;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the maker of a volume chooses; what is left open gets the default. Immutable.
 *
 * @param cold specs with absolute paths, or none for a folder in the volume
 * @param deviceBytes upper bound of the device's size
 * @param values texts by dotted key of the descriptor, applied in their order before the rest
 */
public record VolumeSettings(
        List<String> cold,
        OptionalInt copies,
        OptionalLong deviceBytes,
        OptionalLong thresholdBytes,
        Map<String, String> values) {
    public static final VolumeSettings DEFAULT =
            new VolumeSettings(
                    List.of(),
                    OptionalInt.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    Map.of());

    public VolumeSettings {
        cold = List.copyOf(cold);
    }
}

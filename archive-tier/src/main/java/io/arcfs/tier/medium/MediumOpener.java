package io.arcfs.tier.medium;

import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Opens what a spec names; the only place that knows every kind of medium. Stateless. */
public final class MediumOpener {
    private MediumOpener() {}

    /**
     * @param known what the volume's catalog knows the medium by; null when it is new: it is
     *     labelled then, if it is empty
     */
    public static Medium open(MediumSpec spec, UUID volume, Geometry geometry, @Nullable UUID known)
            throws IOException {
        return switch (spec.kind()) {
            case DIR -> directory(spec, volume, geometry, known);
            case BLOCK ->
                    BlockMedium.open(
                            spec.path(),
                            volume,
                            geometry,
                            known,
                            spec.parameters().size("size", 0));
            case SIM -> {
                SimSettings settings = SimSettings.of(spec.parameters());
                yield SimMedium.over(
                        directory(spec, volume, geometry, known),
                        geometry,
                        settings,
                        MediumClock.scaled(settings.scale()));
            }
        };
    }

    private static DirectoryMedium directory(
            MediumSpec spec, UUID volume, Geometry geometry, @Nullable UUID known)
            throws IOException {
        return known == null
                ? DirectoryMedium.openOrCreate(spec.path(), volume, geometry)
                : DirectoryMedium.open(spec.path(), volume, geometry, known);
    }
}

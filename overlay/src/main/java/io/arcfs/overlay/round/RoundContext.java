package io.arcfs.overlay.round;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.namespace.Namespace;
import io.arcfs.tier.Tier;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What rounds work on.
 *
 * @param upper folder of the uppers: append files, and a marker of each upper layer
 * @param volumeUuid tag of the images' device slot
 * @param descriptor the volume descriptor, kept in container footers
 * @param progress what {@code arc status} shows of the round under way
 */
public record RoundContext(
        Catalog catalog,
        Tier tier,
        Namespace namespace,
        ImageStore images,
        Path upper,
        UUID volumeUuid,
        byte[] descriptor,
        RoundProgress progress) {}

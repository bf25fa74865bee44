package io.arcfs.tier.container;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import java.util.List;
import java.util.UUID;

/**
 * What a closed container says of itself. Immutable by convention: nobody writes into the arrays.
 *
 * @param usedBytes offset behind the last used byte, from the container's start
 * @param sha256 of all objects' bytes in order
 * @param descriptor the volume descriptor (arc.json) as it was when the container was closed
 * @param images images whose last byte lies in this container
 */
public record Footer(
        UUID volume,
        Geometry geometry,
        ContainerId container,
        long usedBytes,
        ObjectTable objects,
        byte[] sha256,
        byte[] descriptor,
        List<ImageRecord> images) {}

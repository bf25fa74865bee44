package io.arcfs.tier.catalog;

import java.util.UUID;

/**
 * A verified copy of a container on a medium. Immutable.
 *
 * @param medium identity of the medium, not its path
 * @param place what the medium calls the copy
 */
public record Placement(UUID medium, String place) {}

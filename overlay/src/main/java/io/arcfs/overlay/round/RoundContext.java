package io.arcfs.overlay.round;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.namespace.Namespace;
import io.arcfs.tier.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * What rounds work on.
 *
 * @param allocations who writes to which container
 * @param upper folder of the uppers: append files, and a marker of each upper layer
 * @param volumeUuid tag of the images' device slot
 * @param descriptor the volume descriptor, kept in container footers
 * @param tailWait how long a round waits for cold bytes that it has to write anew
 * @param closing counted down when the volume is being closed
 * @param progress what {@code arc status} shows of the round under way
 */
public record RoundContext(
        Catalog catalog,
        Tier tier,
        Namespace namespace,
        ImageStore images,
        Allocations allocations,
        Path upper,
        UUID volumeUuid,
        byte[] descriptor,
        Duration tailWait,
        CountDownLatch closing,
        RoundProgress progress) {}

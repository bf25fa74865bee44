package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.medium.DirectoryMedium;
import io.arcfs.tier.medium.Medium;
import io.arcfs.tier.medium.Medium.StoredContainer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What can be found on the media alone after containers were given back and used again, while one
 * of the media was away: footers and manifests tell old maps from new bytes.
 */
final class ReuseTest {
    private static final Geometry TINY = TierFixture.TINY;
    private static final int OBJECT = TINY.objectBytes();
    private static final long START = TINY.containerStart(1);

    @TempDir Path dir;

    /** An image that is the last few bytes of its container, and refers to the rest of it. */
    private static ImageRecord image(int layer, int generation, ContainerId id, byte[] bytes) {
        int length = 1000;
        MessageDigest sha256 = Checksums.sha256();
        sha256.update(bytes, bytes.length - length, length);
        return new ImageRecord(
                layer,
                layer,
                generation,
                UUID.nameUUIDFromBytes(sha256.digest().clone()),
                length,
                List.of(new DeviceExtent(START + bytes.length - length, length)),
                digest(bytes, length),
                List.of(id),
                42,
                generation);
    }

    private static byte[] digest(byte[] bytes, int length) {
        MessageDigest sha256 = Checksums.sha256();
        sha256.update(bytes, bytes.length - length, length);
        return sha256.digest();
    }

    private static byte[] store(TierFixture fixture, ContainerId id, int seed, int layer)
            throws Exception {
        byte[] bytes = TierFixture.random(seed, 20 * OBJECT);
        fixture.tier.control().open(id);
        fixture.write(START, bytes);
        fixture.tier.device().flush();
        fixture.tier
                .control()
                .close(
                        id,
                        START + bytes.length,
                        List.of(image(layer, seed, id, bytes)),
                        TierFixture.DESCRIPTOR);
        fixture.tier.control().awaitDestaged();
        return bytes;
    }

    /** Every container on the media, by the scan that a rebuild makes. */
    private static List<Found> scan(Path... media) throws IOException {
        List<Found> found = new ArrayList<>();
        for (Path path : media) {
            try (Medium medium = DirectoryMedium.openOrCreate(path, TierFixture.VOLUME, TINY)) {
                Medium.Listing listing = medium.list();
                assertThat(listing.damaged()).isEmpty();
                for (StoredContainer stored : listing.whole()) {
                    byte[] bytes = new byte[(int) stored.footer().usedBytes()];
                    medium.read(stored.place(), 0, MemorySegment.ofArray(bytes));
                    found.add(new Found(stored.footer(), bytes));
                }
            }
        }
        return found;
    }

    private record Found(Footer footer, byte[] bytes) {}

    /** Images that a rebuild may use: all of what they refer to is there, under their sequence. */
    private static List<ImageRecord> usable(List<Found> found) {
        Map<Integer, ContainerId> newest = new HashMap<>();
        for (Found one : found) {
            newest.merge(
                    one.footer().container().number(),
                    one.footer().container(),
                    (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
        return found.stream()
                .flatMap(one -> one.footer().images().stream())
                .filter(image ->
                        image.manifest().stream()
                                .allMatch(id -> id.equals(newest.get(id.number()))))
                .toList();
    }

    @Test
    void aRebuildNeverJoinsOldMapsWithNewBytes() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            ContainerId first = new ContainerId(1, 1);
            byte[] old = store(fixture, first, 5, 0);
            assertThat(usable(scan(dir.resolve("cold0"), dir.resolve("cold1"))))
                    .hasSize(2)
                    .allMatch(image -> image.generation() == 5);

            // One medium is away while the container is given back and used again.
            fixture.faults.get(1).absent = true;
            fixture.reopen();
            fixture.tier.control().release(first);
            ContainerId second = new ContainerId(1, 2);
            byte[] fresh = TierFixture.random(6, 20 * OBJECT);
            fixture.tier.control().open(second);
            fixture.write(START, fresh);
            fixture.tier.device().flush();
            fixture.tier
                    .control()
                    .close(
                            second,
                            START + fresh.length,
                            List.of(image(1, 6, second, fresh)),
                            TierFixture.DESCRIPTOR);
            // Scanning sooner would take the copy being written for one that was left behind.
            await().until(() -> fixture.status(0).objectsVerified() == 20);

            List<Found> both = scan(dir.resolve("cold0"), dir.resolve("cold1"));
            assertThat(both).extracting(f -> f.footer().container()).containsExactly(second, first);
            // The old copy is whole, and nobody may use its map.
            assertThat(both.getLast().bytes()).isEqualTo(old);
            List<ImageRecord> images = usable(both);
            assertThat(images)
                    .singleElement()
                    .satisfies(image -> {
                        assertThat(image.generation()).isEqualTo(6);
                        DeviceExtent extent = image.extents().getFirst();
                        int at = (int) (extent.address() - START);
                        byte[] bytes =
                                Arrays.copyOfRange(
                                        both.getFirst().bytes(),
                                        at,
                                        at + (int) extent.lengthBytes());
                        MessageDigest sha256 = Checksums.sha256();
                        assertThat(sha256.digest(bytes)).isEqualTo(image.sha256());
                    });

            // With only the old medium its own images are right: old maps with old bytes.
            assertThat(usable(scan(dir.resolve("cold1"))))
                    .singleElement()
                    .satisfies(image -> assertThat(image.generation()).isEqualTo(5));

            // It comes back: its old copy is freed, the new one is made.
            fixture.faults.get(1).absent = false;
            fixture.reopen();
            fixture.tier.control().awaitDestaged();
            assertThat(scan(dir.resolve("cold1")))
                    .singleElement()
                    .satisfies(f -> assertThat(f.footer().container()).isEqualTo(second));
            assertThat(fixture.read(START, fresh.length)).isEqualTo(fresh);
        }
    }
}

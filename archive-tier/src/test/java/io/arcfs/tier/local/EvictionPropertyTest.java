package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadExtent;
import io.arcfs.tier.Priority;
import io.arcfs.tier.RangeSet;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.catalog.RocksTierCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SSD bytes go only when the container is verified on as many media as asked for, and never what is
 * pinned or a head, whatever is done in whatever order.
 */
@Timeout(120)
final class EvictionPropertyTest {
    private static final Geometry TINY = TierFixture.TINY;
    private static final int OBJECT = TINY.objectBytes();
    private static final int OPERATIONS = 150;
    private static final Priority PRIORITY = Priority.PRESTAGE;

    @TempDir Path dir;

    @Test
    void thePredicateLetsGoOnlyWhatIsVerifiedOnEnoughMediaOfThePool() throws IOException {
        Random random = new Random(11);
        List<UUID> all = List.of(new UUID(0, 1), new UUID(0, 2), new UUID(0, 3), new UUID(0, 4));
        try (RocksTierCatalog catalog =
                RocksTierCatalog.open(dir.resolve("catalog"), TierFixture.VOLUME, TINY)) {
            Pins pins = Pins.open(catalog, TINY);
            for (int i = 0; i < 20_000; i++) {
                Set<UUID> pool = new HashSet<>(all.subList(0, random.nextInt(5)));
                int copies = 1 + random.nextInt(3);
                EvictionPolicy policy = new EvictionPolicy(copies, pool::contains, pins);
                ContainerState state =
                        ContainerState.ofPersistentId(
                                1 + random.nextInt(ContainerState.values().length));
                List<Placement> placements =
                        all.stream()
                                .filter(m -> random.nextBoolean())
                                .map(m -> new Placement(m, "place"))
                                .toList();
                ContainerRow row = new ContainerRow(new ContainerId(1, 1), state, 1000, placements);
                BitSet objects = new BitSet();
                objects.set(0, 1 + random.nextInt(20));
                BitSet going = policy.mayGo(row, objects);
                long verified = placements.stream().filter(p -> pool.contains(p.medium())).count();
                boolean cold = state == ContainerState.COLD || state == ContainerState.EVICTED;
                assertThat(going)
                        .as("%s on %s of %s, %d copies", state, placements, pool, copies)
                        .isEqualTo(cold && verified >= copies ? objects : new BitSet());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20260131})
    void neitherPinnedNorHeadBytesNorUnverifiedOnesEverGo(long seed) throws Exception {
        Random random = new Random(seed);
        Map<Integer, byte[]> contents = new TreeMap<>();
        RangeSet pinned = new RangeSet();
        RangeSet heads = new RangeSet();
        try (TierFixture fixture = TierFixture.openLimited(dir, 20_000_000)) {
            for (int i = 0; i < OPERATIONS; i++) {
                String step = "seed " + seed + " step " + i;
                operate(fixture, random, contents, pinned, heads);
                check(fixture, random, contents, pinned, heads, step);
            }
        }
    }

    private static void operate(
            TierFixture fixture,
            Random random,
            Map<Integer, byte[]> contents,
            RangeSet pinned,
            RangeSet heads)
            throws Exception {
        switch (contents.isEmpty() ? 0 : random.nextInt(11)) {
            case 0, 1 -> {
                int number = contents.size() + 1;
                if (number < TINY.containers()) {
                    fixture.faults.getFirst().failsWrites = random.nextInt(3) == 0;
                    contents.put(
                            number,
                            fixture.fillAndClose(new ContainerId(number, 1), number, 40 * OBJECT));
                }
            }
            case 2 -> {
                fixture.faults.getFirst().failsWrites = false;
                fixture.tier.control().awaitDestaged();
            }
            case 3, 4 -> fixture.tier.control().evictAll();
            case 5 -> fixture.tier.control().evict(List.of(some(random, contents)));
            case 6 -> fixture.tier.control().recall(List.of(some(random, contents)), PRIORITY);
            case 7 -> {
                DeviceExtent extent = some(random, contents);
                fixture.tier.control().pin(List.of(extent));
                fixture.tier.control().recall(List.of(extent), PRIORITY);
                pinned.add(extent.address(), extent.end());
            }
            case 8 -> {
                DeviceExtent extent = some(random, contents);
                fixture.tier.control().unpin(List.of(extent));
                pinned.remove(extent.address(), extent.end());
            }
            case 9 -> {
                DeviceExtent extent = some(random, contents);
                // While their bytes are there, as when their files are archived.
                fixture.tier.control().recall(List.of(extent), PRIORITY);
                fixture.tier
                        .control()
                        .keepHeads(List.of(new HeadExtent(extent, HeadExtent.Kind.INDEX)));
                heads.add(extent.address(), extent.end());
            }
            default -> fixture.reopen();
        }
    }

    private static DeviceExtent some(Random random, Map<Integer, byte[]> contents) {
        int container = contents.isEmpty() ? 1 : 1 + random.nextInt(contents.size());
        long at = TINY.containerStart(container) + random.nextInt(39 * OBJECT);
        return new DeviceExtent(at, 1 + random.nextInt(OBJECT));
    }

    private static void check(
            TierFixture fixture,
            Random random,
            Map<Integer, byte[]> contents,
            RangeSet pinned,
            RangeSet heads,
            String step)
            throws IOException {
        for (Map.Entry<Integer, byte[]> entry : contents.entrySet()) {
            long start = TINY.containerStart(entry.getKey());
            long end = start + entry.getValue().length;
            for (RangeSet kept : List.of(pinned, heads)) {
                for (RangeSet.Range range : kept.within(start, end)) {
                    DeviceExtent extent = new DeviceExtent(range.start(), range.length());
                    assertThat(fixture.tier.control().isResident(extent))
                            .as("%s: %s is kept", step, extent)
                            .isTrue();
                    byte[] actual = fixture.read(range.start(), (int) range.length());
                    assertThat(actual)
                            .as("%s: %s", step, range)
                            .isEqualTo(
                                    Arrays.copyOfRange(
                                            entry.getValue(),
                                            (int) (range.start() - start),
                                            (int) (range.end() - start)));
                }
            }
            ContainerState state =
                    fixture.tier.control().containers().get(new ContainerId(entry.getKey(), 1));
            if (state == ContainerState.STAGED) {
                assertThat(fixture.tier.control().isResident(new DeviceExtent(start, end - start)))
                        .as(step)
                        .isTrue();
            }
        }
        if (!contents.isEmpty()) {
            int number = 1 + random.nextInt(contents.size());
            byte[] bytes = contents.get(number);
            if (bytes != null) {
                int at = random.nextInt(bytes.length - 5000);
                assertThat(fixture.read(TINY.containerStart(number) + at, 5000))
                        .as(step)
                        .isEqualTo(Arrays.copyOfRange(bytes, at, at + 5000));
            }
        }
    }
}

package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More containers in use than are kept loaded, and several readers. */
@Timeout(120)
final class ManyContainersTest {
    private static final int CONTAINERS = 100;
    private static final int BLOCK = 4096;
    private static final int READERS = 4;
    private static final int READS = 4000;
    private static final Geometry SMALL =
            new Geometry(BLOCK, 64 << 10, 12 << 10, 1_900 << 10, 2 << 20, CONTAINERS + 1);

    @TempDir Path dir;

    /** Which one is unloaded is decided by the times of the last use, which change meanwhile. */
    @Test
    void containersAreUnloadedWhileOthersAreUsed() throws Exception {
        TierOptions options =
                new TierOptions(
                        Files.createDirectory(dir.resolve("volume")),
                        TierFixture.VOLUME,
                        SMALL,
                        List.of("dir:" + dir.resolve("cold")),
                        1,
                        Long.MAX_VALUE / 2);
        try (LocalTier tier = LocalTier.open(options)) {
            for (int c = 1; c <= CONTAINERS; c++) {
                tier.control().open(new ContainerId(c, 1));
                tier.device().write(SMALL.firstDataAddress(c), MemorySegment.ofArray(content(c)));
                tier.device().flush();
                long end = SMALL.firstDataAddress(c) + BLOCK;
                tier.control().close(new ContainerId(c, 1), end, List.of(), TierFixture.DESCRIPTOR);
            }
            try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
                List<Future<?>> all = new ArrayList<>();
                for (int reader = 0; reader < READERS; reader++) {
                    Random random = new Random(reader);
                    all.add(readers.submit(() -> readAll(tier, random)));
                }
                for (Future<?> one : all) {
                    one.get();
                }
            }
        }
    }

    private static byte[] content(int container) {
        return TierFixture.random(container, BLOCK);
    }

    private static Void readAll(LocalTier tier, Random random) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK, BLOCK);
            for (int i = 0; i < READS; i++) {
                int c = 1 + random.nextInt(CONTAINERS);
                tier.device().read(SMALL.firstDataAddress(c), block);
                assertThat(block.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content(c));
            }
        }
        return null;
    }
}

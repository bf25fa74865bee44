package io.arcfs.overlay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Seeded random operations with rounds, merges, reopenings and media that go away, against a tree
 * in memory. A failure names its seed; {@code -Darcfs.model.seed=N} replays it, {@code
 * -Darcfs.model.operations=N} makes runs longer, {@code -Darcfs.model.minutes=N} goes on with new
 * seeds that long.
 */
final class ModelTest {
    private static final int OPERATIONS = Integer.getInteger("arcfs.model.operations", 2000);
    private static final int COMPARE_EVERY = 200;
    private static final int SHOWN_STEPS = 60;

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theMergedTreeIsWhatTheOperationsMade(long seed) throws Exception {
        run(seed);
    }

    @Test
    @EnabledIfSystemProperty(named = "arcfs.model.seed", matches = "-?\\d+")
    void oneSeedIsReplayed() throws Exception {
        run(Long.getLong("arcfs.model.seed"));
    }

    @Test
    @Tag("slow")
    @EnabledIfSystemProperty(named = "arcfs.model.minutes", matches = "\\d+")
    void newSeedsForMinutes() throws Exception {
        long end =
                System.nanoTime()
                        + Duration.ofMinutes(Integer.getInteger("arcfs.model.minutes")).toNanos();
        for (long seed = System.currentTimeMillis(); System.nanoTime() < end; seed++) {
            run(seed);
        }
    }

    private void run(long seed) throws Exception {
        List<String> log = new ArrayList<>();
        try (ModelRun run =
                new ModelRun(Files.createDirectory(directory.resolve("s" + seed)), seed)) {
            for (int i = 0; i < OPERATIONS; i++) {
                log.add(run.step());
                if (i % COMPARE_EVERY == COMPARE_EVERY - 1) {
                    run.compare();
                    log.add("compared");
                }
            }
            run.finish();
        } catch (IOException | AssertionError e) {
            List<String> last = log.subList(Math.max(0, log.size() - SHOWN_STEPS), log.size());
            throw new AssertionError(
                    "seed %d, step %d, after %s"
                            .formatted(seed, log.size(), String.join("; ", last)),
                    e);
        }
    }
}

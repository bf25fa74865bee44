package io.arcfs.tier.recall;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.Priority;
import io.arcfs.tier.recall.RecallSimulation.Scheduler;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the order of recalls is worth on a magneto-electric disk of 16 TiB (mount 30 s, locate up to
 * 120 s, 60 MB/s), in virtual time. Each line of the table is also a bound that must hold.
 */
@Timeout(120)
final class SchedulerBenchmarkTest {
    private static final long MEGABYTE = 1_000_000;
    private static final double RATE = RecallSimulation.COSTS.bytesPerSecond();
    private static final double EIGHT_MEGABIT = 1e6;

    @Test
    void aHundredRandomFiles() {
        Duration fifo = hundredFiles(Scheduler.FIFO);
        Duration ours = hundredFiles(Scheduler.OURS);
        double gain = (double) fifo.toMillis() / ours.toMillis();
        row("100 random files of 10 MB, asked for at once, FIFO", "%d s", fifo.toSeconds());
        row("  the same, ours", "%d s, %.1f times less", ours.toSeconds(), gain);
        assertThat(gain).isGreaterThanOrEqualTo(3);
    }

    private static Duration hundredFiles(Scheduler scheduler) {
        RecallSimulation simulation = new RecallSimulation(scheduler);
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            long start = randomPlace(random, 10 * MEGABYTE);
            for (long at = start; at < start + 10 * MEGABYTE; at += RecallSimulation.OBJECT) {
                simulation.want(at, Priority.FOREGROUND, PendingObject.NEVER, () -> {});
            }
        }
        simulation.run(Duration.ofDays(1));
        return simulation.drive.busy();
    }

    /** Inside the data area of some container. */
    private static long randomPlace(Random random, long length) {
        int container = 1 + random.nextInt(RecallSimulation.GEOMETRY.containers() - 1);
        long room = RecallSimulation.GEOMETRY.dataBytes() - length;
        return RecallSimulation.GEOMETRY.containerStart(container)
                + random.nextLong(room) / 4096 * 4096;
    }

    @Test
    void aSequentialStream() {
        RecallSimulation simulation = new RecallSimulation(Scheduler.OURS);
        SimulatedReader copy =
                new SimulatedReader(
                        simulation,
                        RecallSimulation.GEOMETRY.containerStart(10_000),
                        8_000 * MEGABYTE,
                        Double.POSITIVE_INFINITY,
                        0);
        copy.start();
        simulation.run(Duration.ofDays(1));
        assertThat(copy.hasEnded()).isTrue();
        row(
                "a copy of 8 GB",
                "%.1f MB/s, %.1f %% of the medium's rate",
                copy.throughput() / 1e6,
                100 * copy.throughput() / RATE);
        assertThat(copy.throughput()).isGreaterThan(0.95 * RATE);
    }

    @Test
    void aPlayerBesideABulkRecall() {
        RecallSimulation simulation = new RecallSimulation(Scheduler.OURS);
        Duration hour = Duration.ofHours(1);
        bulk(simulation, 25_000, 440);
        SimulatedReader player = player(simulation, 32 << 20);
        simulation.at(Duration.ofMinutes(2).toNanos(), player::start);
        simulation.run(hour);
        double bulkShare =
                simulation.bytes.getOrDefault(Priority.PRESTAGE, 0L) / RATE / hour.toSeconds();
        row(
                "a player of 8 Mbit/s with 32 MiB of cache beside a bulk recall",
                "starts after %.0f s, %d underruns (%.1f s), bulk keeps %.1f %%",
                player.startSeconds() - 120,
                player.stalls(),
                player.stalledSeconds(),
                100 * bulkShare);
        assertThat(player.fetchedBytes()).isGreaterThan((long) (3_300 * EIGHT_MEGABIT));
        assertThat(player.stalls()).isZero();
        assertThat(bulkShare).isGreaterThan(0.8);
    }

    private static void bulk(RecallSimulation simulation, int firstContainer, int containers) {
        for (int i = 0; i < containers; i++) {
            long start = RecallSimulation.GEOMETRY.containerStart(firstContainer + i);
            for (long at = 0;
                    at < RecallSimulation.GEOMETRY.dataBytes();
                    at += RecallSimulation.OBJECT) {
                simulation.want(start + at, Priority.PRESTAGE, PendingObject.NEVER, () -> {});
            }
        }
    }

    private static SimulatedReader player(RecallSimulation simulation, long cache) {
        return new SimulatedReader(
                simulation,
                RecallSimulation.GEOMETRY.containerStart(3_000) + (7 << 20),
                20_000 * MEGABYTE,
                EIGHT_MEGABIT,
                cache);
    }

    @Test
    void aThousandHeadReadsBesideAPlayer() {
        RecallSimulation simulation = new RecallSimulation(Scheduler.OURS);
        SimulatedReader player = player(simulation, 150 << 20);
        player.start();
        Random random = new Random(2);
        int[] answered = {0};
        double[] last = {0};
        // A file manager's thumbnailer, ten minutes into the film.
        simulation.at(
                Duration.ofMinutes(10).toNanos(),
                () -> {
                    for (int i = 0; i < 1000; i++) {
                        simulation.want(
                                randomPlace(random, MEGABYTE),
                                Priority.FOREGROUND,
                                PendingObject.NEVER,
                                () -> {
                                    answered[0]++;
                                    last[0] = simulation.seconds() - 600;
                                });
                    }
                });
        simulation.run(Duration.ofHours(2));
        row(
                "1,000 head reads in the 10th minute beside a player",
                "%d underruns (%.1f s), heads answered within %.0f s",
                player.stalls(),
                player.stalledSeconds(),
                last[0]);
        assertThat(answered[0]).isEqualTo(1000);
        assertThat(player.stalls()).isZero();
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void row(String what, String format, Object... values) {
        System.out.printf(
                Locale.ROOT, "| %-62s | %s |%n", what, String.format(Locale.ROOT, format, values));
    }
}

import com.sun.management.OperatingSystemMXBean;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.local.LocalTier;
import io.arcfs.tier.local.TierOptions;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * Staging, closing, destaging and recalling so many MiB through the tier: FOLDER MIB [SPEC]. Prints
 * one line per step: name, MB/s, CPU seconds per GiB.
 */
public final class TierBenchmark {
    private static final int CHUNK = 4 << 20;
    private static Path scratch;

    private interface Step {
        void run() throws Exception;
    }

    public static void main(String[] words) throws Exception {
        Path folder = Path.of(words[0]);
        scratch = folder;
        long bytes = Long.parseLong(words[1]) << 20;
        Geometry geometry = Geometry.DEFAULT;
        int perContainer = (int) (geometry.dataBytes() / CHUNK);
        int chunks = (int) (bytes / CHUNK);
        int containers = (chunks + perContainer - 1) / perContainer;
        TierOptions options =
                new TierOptions(
                        Files.createDirectories(folder.resolve("volume")),
                        UUID.randomUUID(),
                        geometry,
                        List.of(words.length > 2 ? words[2] : "dir:" + folder.resolve("cold")),
                        1,
                        Long.MAX_VALUE / 2);
        try (LocalTier tier = LocalTier.open(options);
                Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(CHUNK, 4096);
            Random random = new Random(1);
            for (long at = 0; at < CHUNK; at += 8) {
                chunk.set(ValueLayout.JAVA_LONG, at, random.nextLong());
            }
            tier.maintenance().pauseDestage(true);
            for (int c = 1; c <= containers; c++) {
                tier.control().open(new ContainerId(c, 1));
            }
            step("stage", bytes, () -> {
                for (int i = 0; i < chunks; i++) {
                    long at = address(geometry, perContainer, i);
                    chunk.set(ValueLayout.JAVA_LONG, 0, i);
                    tier.device().write(at, chunk);
                }
                tier.device().flush();
            });
            step("close", bytes, () -> {
                for (int c = 1; c <= containers; c++) {
                    int used = Math.min(perContainer, chunks - (c - 1) * perContainer);
                    tier.control()
                            .close(
                                    new ContainerId(c, 1),
                                    geometry.containerStart(c) + (long) used * CHUNK,
                                    List.of(),
                                    "{}".getBytes(StandardCharsets.UTF_8));
                }
            });
            step("destage", bytes, () -> {
                tier.maintenance().pauseDestage(false);
                tier.control().awaitDestaged();
            });
            Step recall = () -> {
                for (int c = 1; c <= containers; c++) {
                    tier.control()
                            .recall(
                                    List.of(
                                            new DeviceExtent(
                                                    geometry.containerStart(c),
                                                    geometry.dataBytes())),
                                    Priority.PRESTAGE);
                }
            };
            // A daemon has recalled before: what is measured is not how long compiling takes.
            for (int i = 0; i < 3; i++) {
                tier.control().evictAll();
                recall.run();
                awaitCold(tier);
            }
            tier.control().evictAll();
            step("recall", bytes, recall);
            awaitCold(tier);
            step("read", bytes, () -> {
                for (int i = 0; i < chunks; i++) {
                    tier.device().read(address(geometry, perContainer, i), chunk);
                    if (chunk.get(ValueLayout.JAVA_LONG, 0) != i) {
                        throw new AssertionError("chunk " + i);
                    }
                }
            });
            tier.control().evictAll();
            step("force", bytes, () -> {
                recall.run();
                tier.close(); // forces what came
            });
        }
    }

    /** Until what was recalled is forced to the SSD. */
    private static void awaitCold(LocalTier tier) throws Exception {
        while (tier.control().containers().containsValue(ContainerState.EVICTED)) {
            Thread.sleep(20);
        }
    }

    private static long address(Geometry geometry, int perContainer, int chunk) {
        return geometry.containerStart(1 + chunk / perContainer)
                + (long) (chunk % perContainer) * CHUNK;
    }

    /**
     * Leaves as much memory as a step will fill just used and free again: on a virtual machine whose
     * host takes free memory back, fresh pages would be what is measured.
     */
    private static void warm(long bytes) throws Exception {
        Path file = Files.createTempFile(scratch, "warm", "");
        byte[] zeros = new byte[CHUNK];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long done = 0; done < 2 * bytes; done += CHUNK) {
                out.write(zeros);
            }
        }
        Files.delete(file);
    }

    private static void step(String name, long bytes, Step step) throws Exception {
        warm(bytes);
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        step.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
        System.out.printf(
                "%s %.0f %.2f%n", name, bytes / 1e6 / seconds, cpuSeconds / (bytes / 1073741824.0));
    }
}

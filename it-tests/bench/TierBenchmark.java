import com.sun.management.OperatingSystemMXBean;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.local.LocalTier;
import io.arcfs.tier.local.TierOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
import java.util.stream.Stream;

/**
 * Staging, closing, destaging and recalling so many MiB through the tier: FOLDER MIB RECALLS. Prints
 * one line per step: who, name, MB/s, CPU seconds per GiB.
 *
 * <p>Recalls are compared with {@code dd} in here, because what the page cache and the memory are
 * like decides more than who copies: the same files, the same moment, the same things done before,
 * in an order that changes from round to round.
 */
public final class TierBenchmark {
    private static final int CHUNK = 4 << 20;

    /** Recalls before the first that counts: a daemon has recalled before. */
    private static final int WARM_UPS = 10;

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
                        List.of("dir:" + folder.resolve("cold")),
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
            step("read", bytes, () -> {
                for (int i = 0; i < chunks; i++) {
                    tier.device().read(address(geometry, perContainer, i), chunk);
                    if (chunk.get(ValueLayout.JAVA_LONG, 0) != i) {
                        throw new AssertionError("chunk " + i);
                    }
                }
            });
        }
        try (Stream<Path> found = Files.walk(folder.resolve("cold"))) {
            compareRecalls(
                    options,
                    containers,
                    bytes,
                    found.filter(file -> file.getFileName().toString().matches("c\\d+\\.\\d+"))
                            .sorted()
                            .toList(),
                    Integer.parseInt(words[2]));
        }
    }

    private static void compareRecalls(
            TierOptions options, int containers, long bytes, List<Path> medium, int rounds)
            throws Exception {
        for (int i = 0; i < WARM_UPS; i++) {
            recall(options, containers, bytes, medium, false, false);
        }
        List<Step> steps =
                List.of(
                        () -> recall(options, containers, bytes, medium, true, false),
                        () -> dd("recall", "iflag=nocache", bytes, medium),
                        () -> recall(options, containers, bytes, medium, true, true),
                        () -> dd("force", "iflag=nocache conv=fsync", bytes, medium),
                        () -> dd("plain", "", bytes, medium));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < steps.size(); i++) {
                steps.get((round + i) % steps.size()).run();
            }
        }
    }

    /** Everything back from the medium; forced to the SSD within the time, or after it. */
    private static void recall(
            TierOptions options,
            int containers,
            long bytes,
            List<Path> medium,
            boolean counts,
            boolean forced)
            throws Exception {
        Geometry geometry = options.geometry();
        try (LocalTier tier = LocalTier.open(options)) {
            tier.control().evictAll();
            sameStart(bytes, medium);
            Measure measure = new Measure();
            for (int c = 1; c <= containers; c++) {
                tier.control()
                        .recall(
                                List.of(
                                        new DeviceExtent(
                                                geometry.containerStart(c), geometry.dataBytes())),
                                Priority.PRESTAGE);
            }
            if (forced) {
                tier.close();
            }
            if (counts) {
                measure.print("arcfs " + (forced ? "force" : "recall"), bytes);
            }
            if (!forced) {
                awaitCold(tier);
            }
        }
    }

    private static void dd(String step, String flags, long bytes, List<Path> medium)
            throws Exception {
        Path target = Files.createDirectories(scratch.resolve("dd"));
        StringBuilder script = new StringBuilder("set -e");
        long left = bytes >> 20;
        for (Path file : medium) {
            long count = Math.min(left, Geometry.DEFAULT.dataBytes() / CHUNK * CHUNK >> 20);
            script.append("; dd bs=1M ").append(flags).append(" count=").append(count);
            script.append(" if=").append(file).append(" of=");
            script.append(target.resolve(file.getFileName().toString()));
            left -= count;
        }
        ProcessBuilder command = new ProcessBuilder("sh", "-c", script.toString());
        command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        sameStart(bytes, medium);
        Measure measure = new Measure();
        if (command.start().waitFor() != 0) {
            throw new AssertionError(script);
        }
        measure.print("dd " + step, bytes);
        try (Stream<Path> files = Files.list(target)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Nothing of the medium in the page cache, and memory that was in use a moment ago. */
    private static void sameStart(long bytes, List<Path> medium) throws Exception {
        warm(bytes);
        for (Path file : medium) {
            try (PosixFile open = PosixFile.open(file, OpenFlag.READ)) {
                open.dropCache(0, 0);
            }
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
        Measure measure = new Measure();
        step.run();
        measure.print("arcfs " + name, bytes);
    }

    /** Time and CPU time, of this process and of those it has waited for, from now on. */
    private static final class Measure {
        private final long cpu = cpuNanos();
        private final long start = System.nanoTime();

        void print(String what, long bytes) {
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%s %.0f %.2f%n",
                    what,
                    bytes / 1e6 / seconds,
                    (cpuNanos() - cpu) / 1e9 / (bytes / 1073741824.0));
        }

        private static long cpuNanos() {
            OperatingSystemMXBean system =
                    (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return system.getProcessCpuTime() + childrenNanos();
        }

        /** In steps of 10 ms. */
        private static long childrenNanos() {
            try {
                String stat = Files.readString(Path.of("/proc/self/stat"));
                String[] behindName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                return (Long.parseLong(behindName[13]) + Long.parseLong(behindName[14]))
                        * 10_000_000;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

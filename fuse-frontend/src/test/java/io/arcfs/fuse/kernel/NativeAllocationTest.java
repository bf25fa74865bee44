package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.arcfs.fuse.FuseRequirement;
import io.arcfs.fuse.MountOptions;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeMaker;
import io.arcfs.recovery.VolumeSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the readers of a mount of a real volume allocate once the compiler has done its work. */
@Tag("fuse")
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class NativeAllocationTest {
    private static final int BLOCK = 4096;
    private static final int FILE_BLOCKS = 1024;
    private static final int REQUESTS = 20_000;

    /** The compiler may take its time; what it has not reached by then it never will. */
    private static final int ROUNDS = 12;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir Path scratch;
    private Path root = Path.of("/");
    private Volume volume;
    private NativeMount mount;

    @BeforeEach
    void mountAVolume() throws Exception {
        FuseRequirement.check();
        root = Files.createDirectory(scratch.resolve("mountpoint")).toRealPath();
        Path directory = scratch.resolve("volume");
        VolumeMaker.make(directory, VolumeSettings.DEFAULT, _ -> {});
        volume = Volume.open(directory);
        mount =
                (NativeMount)
                        new NativeTransport()
                                .mount(volume.overlay().fileSystem(), root, MountOptions.DEFAULT);
        mount.awaitServing(Duration.ofSeconds(20));
    }

    @AfterEach
    void unmount() throws IOException {
        if (mount != null) {
            mount.close();
        }
        if (volume != null) {
            volume.close();
        }
    }

    /** Bytes that each reader has allocated so far. */
    private static Map<Long, Long> allocated() {
        Map<Long, Long> bytes = new HashMap<>();
        for (long id : THREADS.getAllThreadIds()) {
            var thread = THREADS.getThreadInfo(id);
            if (thread != null && thread.getThreadName().startsWith("fuse-")) {
                bytes.put(id, THREADS.getThreadAllocatedBytes(id));
            }
        }
        return bytes;
    }

    private static long between(Map<Long, Long> before, Map<Long, Long> after) {
        return after.entrySet().stream()
                .mapToLong(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0L))
                .sum();
    }

    @FunctionalInterface
    private interface Operation {
        void run(int turn) throws IOException;
    }

    /** Bytes per request in the best round: warm, and without a step of the compiler. */
    private static double perRequest(Operation operation) throws IOException {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS && best >= 1; round++) {
            Map<Long, Long> before = allocated();
            for (int i = 0; i < REQUESTS; i++) {
                operation.run(i);
            }
            best = Math.min(best, (double) between(before, allocated()) / REQUESTS);
        }
        return best;
    }

    @Test
    void readingAndAppendingAllocateNothing(TestReporter reporter) throws Exception {
        byte[] content = new byte[FILE_BLOCKS * BLOCK];
        new Random(3).nextBytes(content);
        Files.write(root.resolve("archived"), content);
        volume.overlay().archive();
        try (Arena arena = Arena.ofShared();
                PosixFile reader =
                        PosixFile.open(root.resolve("archived"), OpenFlag.READ, OpenFlag.DIRECT);
                FileChannel writer =
                        FileChannel.open(
                                root.resolve("log"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.APPEND)) {
            MemorySegment block = arena.allocate(BLOCK, BLOCK);
            var bytes = block.asByteBuffer();
            double read =
                    perRequest(turn -> reader.read((long) (turn * 7 % FILE_BLOCKS) * BLOCK, block));
            double written = perRequest(_ -> writer.write(bytes.clear()));
            reporter.publishEntry(
                    Map.of(
                            "bytes per read", String.valueOf(read),
                            "bytes per append", String.valueOf(written)));
            assertThat(read).as("bytes allocated per read").isLessThan(32);
            assertThat(written).as("bytes allocated per append").isLessThan(32);
        }
    }
}

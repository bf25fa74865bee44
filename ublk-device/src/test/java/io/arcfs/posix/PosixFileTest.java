package io.arcfs.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PosixFileTest {
    @TempDir Path dir;

    @Test
    void javaReadsWhatAHeapSegmentWrote() throws IOException {
        byte[] bytes = new byte[700_001];
        new Random(1).nextBytes(bytes);
        Path path = dir.resolve("file");
        try (PosixFile file = create(path)) {
            file.write(3, MemorySegment.ofArray(bytes));
            assertThat(file.size()).isEqualTo(bytes.length + 3L);
            byte[] back = new byte[bytes.length];
            assertThat(file.read(3, MemorySegment.ofArray(back))).isEqualTo(bytes.length);
            assertThat(back).isEqualTo(bytes);
        }
        byte[] whole = Files.readAllBytes(path);
        assertThat(whole).startsWith(0, 0, 0, bytes[0], bytes[1]).hasSize(bytes.length + 3);
        assertThat(Files.getPosixFilePermissions(path)).hasSize(2);
    }

    @Test
    void readIsShortOnlyAtTheEndOfTheFile() throws IOException {
        try (PosixFile file = create(dir.resolve("file"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(8192, 4096);
            segment.fill((byte) 7);
            file.write(0, segment);
            assertThat(file.read(4096, segment)).isEqualTo(4096);
            assertThat(file.read(8192, segment)).isZero();
            assertThat(file.read(1 << 20, MemorySegment.ofArray(new byte[10]))).isZero();
        }
    }

    @Test
    void nativeReadsAndWritesAllocateNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (PosixFile file = create(dir.resolve("file"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(4096, 4096);
            long perCall = Long.MAX_VALUE;
            // Interpreted and freshly compiled code allocates; the steady state must not.
            for (int round = 0; round < 20 && perCall >= 1; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 10_000; i++) {
                    file.write(0, segment);
                    int got = file.read(0, segment);
                    assert got == 4096;
                    got = file.read(0, segment, () -> {});
                    assert got == 4096;
                }
                perCall = (threads.getCurrentThreadAllocatedBytes() - before) / 30_000;
            }
            assertThat(perCall).isZero();
        }
    }

    @Test
    void aReadTellsBeforeItWaitsForTheDisk() throws IOException {
        byte[] bytes = new byte[1 << 20];
        new Random(2).nextBytes(bytes);
        AtomicInteger told = new AtomicInteger();
        try (PosixFile file = create(dir.resolve("file"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(bytes.length, 4096);
            file.write(0, MemorySegment.ofArray(bytes));
            assertThat(file.read(0, target, told::incrementAndGet)).isEqualTo(bytes.length);
            assertThat(told).as("told of bytes in the page cache").hasValue(0);

            file.sync();
            file.dropCache(4096, bytes.length - 4096);
            target.fill((byte) 0);
            assertThat(file.read(0, target, told::incrementAndGet)).isEqualTo(bytes.length);
            assertThat(target.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
            assumeThat(Files.getFileStore(dir).type())
                    .as("a file system that knows RWF_NOWAIT")
                    .isIn("ext4", "xfs", "btrfs");
            assertThat(told).hasValue(1);
        }
    }

    @Test
    void aReadThatTellsEndsWithTheFile() throws IOException {
        try (PosixFile file = create(dir.resolve("file"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(8192);
            file.write(0, MemorySegment.ofArray(new byte[5000]));
            assertThat(file.read(4096, target, () -> {})).isEqualTo(904);
            assertThat(file.read(5000, target, () -> {})).isZero();
        }
    }

    @Test
    void failureNamesCallErrnoAndPath() {
        Path missing = dir.resolve("missing");
        assertThatThrownBy(() -> PosixFile.open(missing, OpenFlag.READ))
                .isInstanceOfSatisfying(
                        PosixException.class,
                        e -> {
                            assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                            assertThat(e.operation()).isEqualTo("open");
                        })
                .hasMessage("open: ENOENT (No such file or directory): " + missing);
    }

    @Test
    void fullDeviceSaysEnospc() throws IOException {
        try (PosixFile full = PosixFile.open(Path.of("/dev/full"), OpenFlag.WRITE)) {
            assertThatThrownBy(() -> full.write(0, MemorySegment.ofArray(new byte[1])))
                    .isInstanceOfSatisfying(
                            PosixException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
        }
    }

    @Test
    void useAfterCloseIsEbadf() throws IOException {
        PosixFile file = create(dir.resolve("file"));
        file.close();
        file.close();
        assertThatThrownBy(() -> file.read(0, MemorySegment.ofArray(new byte[1])))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        assertThatThrownBy(() -> file.read(0, Arena.ofAuto().allocate(1), () -> {}))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        assertThatThrownBy(file::size).isInstanceOf(PosixException.class);
    }

    @Test
    void closeUnderReadersNeverReachesARecycledDescriptor() throws Exception {
        byte[] mine = new byte[4096];
        Arrays.fill(mine, (byte) 'm');
        Files.write(dir.resolve("mine"), mine);
        Files.write(dir.resolve("other"), new byte[4096]);
        AtomicBoolean wrong = new AtomicBoolean();
        for (int round = 0; round < 300; round++) {
            PosixFile file = PosixFile.open(dir.resolve("mine"), OpenFlag.READ);
            Thread reader =
                    Thread.ofPlatform()
                            .start(() -> {
                                byte[] target = new byte[16];
                                try {
                                    while (true) {
                                        int got = file.read(0, MemorySegment.ofArray(target));
                                        if (got != 16 || target[0] != 'm') {
                                            wrong.set(true);
                                        }
                                    }
                                } catch (IOException expected) {
                                    if (!expected.toString().contains("EBADF")) {
                                        wrong.set(true);
                                    }
                                }
                            });
            Thread.onSpinWait();
            file.close();
            // Takes the descriptor's number at once.
            PosixFile.open(dir.resolve("other"), OpenFlag.READ).close();
            reader.join();
        }
        assertThat(wrong).isFalse();
    }

    @Test
    void anInterruptedThreadCanStillReadAndTheFileStaysOpen() throws IOException {
        try (PosixFile file = create(dir.resolve("file"))) {
            file.write(0, MemorySegment.ofArray(new byte[] {5}));
            Thread.currentThread().interrupt();
            byte[] back = new byte[1];
            assertThat(file.read(0, MemorySegment.ofArray(back))).isEqualTo(1);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(back[0]).isEqualTo((byte) 5);
        }
    }

    @Test
    void holesAreFoundAndPunched() throws IOException {
        try (PosixFile file = create(dir.resolve("file"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(1 << 20, 4096);
            data.fill((byte) 1);
            file.write(1 << 20, data);
            file.truncate(4 << 20);
            file.sync();
            assertThat(file.seekData(0)).isEqualTo(1 << 20);
            assertThat(file.seekHole(1 << 20)).isEqualTo(2 << 20);
            assertThat(file.seekData(2 << 20)).isEqualTo(-1);
            assertThat(file.allocatedBytes()).isBetween(1L << 20, (1L << 20) + 65_536);
            file.punchHole(1 << 20, 1 << 19);
            file.syncData();
            assertThat(file.seekData(0)).isEqualTo((1 << 20) + (1 << 19));
            assertThat(file.size()).isEqualTo(4 << 20);
            byte[] zeros = new byte[4096];
            assertThat(file.read(1 << 20, MemorySegment.ofArray(zeros))).isEqualTo(4096);
            assertThat(zeros).containsOnly(0);
        }
    }

    @Test
    void copyRangeCopiesWithinAndAcrossFileSystems() throws IOException {
        byte[] bytes = new byte[1_000_003];
        new Random(2).nextBytes(bytes);
        Path source = dir.resolve("source");
        Files.write(source, bytes);
        Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "arcfs-copy");
        try {
            for (Path folder : new Path[] {dir, elsewhere}) {
                Path copy = folder.resolve("copy");
                try (PosixFile from = PosixFile.open(source, OpenFlag.READ);
                        PosixFile to = create(copy)) {
                    assertThat(FileCopy.copy(from, 3, to, 5, 2_000_000))
                            .isEqualTo(bytes.length - 3);
                }
                MemorySegment copied = MemorySegment.ofArray(Files.readAllBytes(copy)).asSlice(5);
                assertThat(copied.mismatch(MemorySegment.ofArray(bytes).asSlice(3))).isEqualTo(-1);
                Files.delete(copy);
            }
        } finally {
            Files.delete(elsewhere);
        }
    }

    @Test
    void readOnlyTargetIsRefused() throws IOException {
        try (PosixFile file = create(dir.resolve("file"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(ValueLayout.JAVA_LONG).asReadOnly();
            assertThatThrownBy(() -> file.read(0, target))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static PosixFile create(Path path) throws IOException {
        return PosixFile.open(path, OpenFlag.READ, OpenFlag.WRITE, OpenFlag.CREATE);
    }
}

package io.arcfs.tier.ssd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.ObjectTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheFileTest {
    private static final Geometry TINY =
            new Geometry(4096, 64 << 10, 12 << 10, 1_900 << 10, 2 << 20, 16);

    /** Whole ones of a container. */
    private static final int OBJECTS = 158;

    private static final UUID VOLUME = new UUID(1, 2);
    private static final ContainerId ID = new ContainerId(3, 1);

    @TempDir Path dir;
    private SsdDirectory ssd;

    @BeforeEach
    void openDirectory() throws IOException {
        ssd = SsdDirectory.open(dir.resolve("ssd"));
    }

    @Test
    void aFlippedBitIsFoundWithItsBlock() throws IOException {
        byte[] bytes = random(1, 8 * 4096);
        try (CacheFile cache = CacheFile.createForWriting(ssd, VOLUME, ID, TINY)) {
            cache.write(16_384, MemorySegment.ofArray(bytes));
            byte[] back = new byte[8 * 4096];
            assertThat(cache.read(16_384, MemorySegment.ofArray(back))).isEqualTo(-1);
            assertThat(back).isEqualTo(bytes);
            flip(ssd.dataFile(ID), 16_384 + 5 * 4096 + 17);
            assertThat(cache.read(16_384, MemorySegment.ofArray(back)))
                    .isEqualTo(16_384 + 5 * 4096);
            flip(ssd.dataFile(ID), 8192);
            assertThat(cache.read(8192, MemorySegment.ofArray(new byte[4096])))
                    .as("a flip in what was never written")
                    .isEqualTo(8192);
        }
    }

    @Test
    void whatWasFlushedSurvivesAndWhatWasNotIsZerosAgain() throws IOException {
        byte[] bytes = random(2, 8192);
        CacheFile crashed = CacheFile.createForWriting(ssd, VOLUME, ID, TINY);
        crashed.write(0, MemorySegment.ofArray(bytes));
        crashed.flush();
        crashed.write(40_960, MemorySegment.ofArray(bytes));
        // No close: the process is gone, its files are as they are.
        try (CacheFile cache = CacheFile.open(ssd, VOLUME, ID, TINY)) {
            assertThat(cache.dropUnflushed()).isEqualTo(2);
            byte[] back = new byte[8192];
            assertThat(cache.read(0, MemorySegment.ofArray(back))).isEqualTo(-1);
            assertThat(back).isEqualTo(bytes);
            assertThat(cache.read(40_960, MemorySegment.ofArray(back))).isEqualTo(-1);
            assertThat(back).containsOnly(0);
        }
        crashed.close();
    }

    @Test
    void zeroedBlocksReadAsZerosAndStaySo() throws IOException {
        byte[] bytes = random(3, 8192);
        try (CacheFile cache = CacheFile.createForWriting(ssd, VOLUME, ID, TINY)) {
            cache.write(0, MemorySegment.ofArray(bytes));
            cache.flush();
            cache.zero(4096, 4096);
            cache.flush();
        }
        try (CacheFile cache = CacheFile.open(ssd, VOLUME, ID, TINY)) {
            byte[] back = new byte[8192];
            assertThat(cache.read(0, MemorySegment.ofArray(back))).isEqualTo(-1);
            assertThat(MemorySegment.ofArray(back).mismatch(MemorySegment.ofArray(bytes)))
                    .isEqualTo(4096);
        }
    }

    /** Presence written, bytes and checksums lost: what a power loss may leave of a recall. */
    @Test
    void aPresenceBitWithoutItsBytesIsAMismatchNeverZeros() throws IOException {
        try (CacheFile cache = CacheFile.createForRecall(ssd, VOLUME, ID, TINY)) {
            assertThat(cache.isPresent(2)).isFalse();
        }
        try (PosixFile table = PosixFile.open(ssd.checksumFile(ID), OpenFlag.WRITE)) {
            table.write(4096, MemorySegment.ofArray(new byte[] {(byte) 0xff}));
        }
        try (CacheFile cache = CacheFile.open(ssd, VOLUME, ID, TINY)) {
            assertThat(cache.arePresent(0, 7)).isTrue();
            assertThat(cache.read(2 * 12_288, MemorySegment.ofArray(new byte[4096])))
                    .isEqualTo(2 * 12_288);
        }
    }

    @Test
    void recoverKeepsWhatFitsTheObjectTableAndNothingElse() throws IOException {
        byte[] bytes = random(4, 3 * 12_288);
        int[] crcs = new int[3];
        for (int i = 0; i < 3; i++) {
            crcs[i] = Checksums.crc32c(MemorySegment.ofArray(bytes).asSlice(i * 12_288L, 12_288));
        }
        try (CacheFile cache = CacheFile.createForWriting(ssd, VOLUME, ID, TINY)) {
            cache.write(0, MemorySegment.ofArray(bytes));
        }
        flip(ssd.checksumFile(ID), 9000);
        flip(ssd.checksumFile(ID), 3);
        flip(ssd.dataFile(ID), 12_288 + 4000);
        assertThatThrownBy(() -> CacheFile.open(ssd, VOLUME, ID, TINY))
                .hasMessageContaining("not the block checksums of container 3.1");
        ObjectTable table = ObjectTable.of(TINY, bytes.length, crcs);
        try (CacheFile cache = CacheFile.recover(ssd, VOLUME, ID, TINY, table)) {
            assertThat(cache.isPresent(0)).isTrue();
            assertThat(cache.isPresent(1)).isFalse();
            assertThat(cache.isPresent(2)).isTrue();
            byte[] back = new byte[12_288];
            assertThat(cache.read(2 * 12_288, MemorySegment.ofArray(back))).isEqualTo(-1);
            assertThat(cache.read(12_288, MemorySegment.ofArray(back))).isEqualTo(12_288);
        }
    }

    @Test
    void aCutFileIsDamageNotZeros() throws IOException {
        try (CacheFile cache = CacheFile.createForWriting(ssd, VOLUME, ID, TINY)) {
            try (PosixFile file = PosixFile.open(ssd.dataFile(ID), OpenFlag.WRITE)) {
                file.truncate(6000);
            }
            assertThat(cache.read(0, MemorySegment.ofArray(new byte[12_288]))).isEqualTo(4096);
        }
    }

    @Test
    void theFolderListsItsContainersAndLeavesOtherFilesAlone() throws IOException {
        CacheFile.createForWriting(ssd, VOLUME, ID, TINY).close();
        java.nio.file.Files.writeString(dir.resolve("ssd/notes.txt"), "mine");
        assertThat(ssd.list()).containsExactly(ID);
        assertThat(ssd.holds(ID)).isTrue();
        ssd.remove(ID);
        ssd.remove(ID);
        assertThat(ssd.list()).isEmpty();
        assertThat(dir.resolve("ssd/notes.txt")).exists();
    }

    /**
     * A reader takes no lock: an object that it sees is whole, whatever is recalled and flushed
     * beside it, and what a flush has written can be read after a crash at once.
     */
    @Test
    void whoSeesAnObjectReadsItWhileOthersComeAndAreFlushed() throws Exception {
        byte[] bytes = random(5, OBJECTS * 12_288);
        MemorySegment source = MemorySegment.ofArray(bytes);
        for (int round = 0; round < 20; round++) {
            CacheFile cache = CacheFile.createForRecall(ssd, VOLUME, ID, TINY);
            AtomicBoolean done = new AtomicBoolean();
            try (cache;
                    ExecutorService threads = Executors.newFixedThreadPool(3)) {
                Future<?> reader = threads.submit(() -> readWhatIsHere(cache, bytes, done));
                Future<?> flusher =
                        threads.submit(() -> {
                            while (!done.get()) {
                                cache.flush();
                                checkFlushed(bytes);
                            }
                            return null;
                        });
                Future<?> recaller =
                        threads.submit(() -> {
                            for (int object = 0; object < OBJECTS; object += 2) {
                                int count = Math.min(2, OBJECTS - object);
                                MemorySegment part =
                                        source.asSlice(object * 12_288L, count * 12_288L);
                                cache.install(
                                        object,
                                        count,
                                        object * 12_288L,
                                        part,
                                        Checksums.crc32cOfBlocks(part, 4096));
                            }
                            return null;
                        });
                try {
                    recaller.get();
                } finally {
                    done.set(true);
                }
                reader.get();
                flusher.get();
                assertThat(cache.allPresent(OBJECTS)).isTrue();
            }
            checkFlushed(bytes);
            ssd.remove(ID);
        }
    }

    private static Void readWhatIsHere(CacheFile cache, byte[] bytes, AtomicBoolean done)
            throws IOException {
        byte[] back = new byte[2 * 12_288];
        for (int object = 0; !done.get(); object = (object + 1) % (OBJECTS - 1)) {
            if (cache.arePresent(object, object + 1)) {
                assertThat(cache.read(object * 12_288L, MemorySegment.ofArray(back))).isEqualTo(-1);
                assertThat(back)
                        .isEqualTo(
                                Arrays.copyOfRange(bytes, object * 12_288, (object + 2) * 12_288));
            }
        }
        return null;
    }

    /** What the files say now: every object that is said to be here is, and is right. */
    private void checkFlushed(byte[] bytes) throws IOException {
        try (CacheFile reopened = CacheFile.open(ssd, VOLUME, ID, TINY)) {
            byte[] back = new byte[12_288];
            for (int object = 0; object < OBJECTS; object++) {
                if (reopened.isPresent(object)) {
                    long at = object * 12_288L;
                    assertThat(reopened.read(at, MemorySegment.ofArray(back))).isEqualTo(-1);
                    assertThat(
                                    MemorySegment.ofArray(back)
                                            .mismatch(
                                                    MemorySegment.ofArray(bytes)
                                                            .asSlice(at, 12_288)))
                            .isEqualTo(-1);
                }
            }
        }
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void flip(Path file, long offset) throws IOException {
        try (PosixFile open = PosixFile.open(file, OpenFlag.READ, OpenFlag.WRITE)) {
            byte[] one = new byte[1];
            assertThat(open.read(offset, MemorySegment.ofArray(one))).isEqualTo(1);
            one[0] ^= 0x10;
            open.write(offset, MemorySegment.ofArray(one));
        }
    }
}

package io.arcfs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.device.BlockDevice.ZeroedSpace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every block device does. */
@Timeout(120)
abstract class BlockDeviceContract {
    static final int BLOCK = 4096;
    static final long SIZE = 16L << 20;

    @TempDir Path directory;

    /** A device of {@link #SIZE} zeros. */
    abstract BlockDevice make(Path file) throws IOException;

    private BlockDevice make() throws IOException {
        return make(directory.resolve("device"));
    }

    @Test
    void bytesNeverWrittenReadAsZeros() throws IOException {
        try (BlockDevice device = make()) {
            assertThat(device.sizeBytes()).isEqualTo(SIZE);
            assertThat(device.blockSizeBytes()).isEqualTo(BLOCK);
            byte[] all = new byte[(int) SIZE];
            all[7] = 1;
            device.read(0, MemorySegment.ofArray(all));
            assertThat(all).containsOnly(0);
        }
    }

    @Test
    void requestsOfAllSizesAndThreadsKeepTheirBytes() throws Exception {
        long seed = System.nanoTime();
        try (BlockDevice device = make();
                var pool = Executors.newFixedThreadPool(4)) {
            List<Future<Void>> jobs = new ArrayList<>();
            for (int job = 0; job < 4; job++) {
                jobs.add(pool.submit(oneRegion(device, job * SIZE / 4, SIZE / 4, seed + job)));
            }
            for (Future<Void> job : jobs) {
                job.get();
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** Random requests against a model in memory, in a region of its own. */
    private static Callable<Void> oneRegion(
            BlockDevice device, long start, long length, long seed) {
        return () -> {
            Random random = new Random(seed);
            byte[] model = new byte[(int) length];
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment aligned = arena.allocate(length, BLOCK);
                for (int i = 0; i < 150; i++) {
                    int blocks = 1 + random.nextInt(random.nextInt(10) == 0 ? 600 : 20);
                    int bytes = blocks * BLOCK;
                    int at = random.nextInt((int) (length / BLOCK) - blocks) * BLOCK;
                    byte[] data = new byte[bytes];
                    MemorySegment memory = aligned.asSlice(0, bytes);
                    if (random.nextBoolean()) {
                        memory = MemorySegment.ofArray(new byte[bytes]);
                    }
                    switch (random.nextInt(6)) {
                        case 0, 1 -> {
                            random.nextBytes(data);
                            memory.copyFrom(MemorySegment.ofArray(data));
                            device.write(start + at, memory);
                            System.arraycopy(data, 0, model, at, bytes);
                        }
                        case 2 -> {
                            random.nextBytes(data);
                            memory.copyFrom(MemorySegment.ofArray(data));
                            device.writeDurably(start + at, memory);
                            System.arraycopy(data, 0, model, at, bytes);
                        }
                        case 3 -> {
                            ZeroedSpace space =
                                    random.nextBoolean() ? ZeroedSpace.RELEASED : ZeroedSpace.KEPT;
                            device.writeZeroes(start + at, bytes, space);
                            System.arraycopy(data, 0, model, at, bytes);
                        }
                        case 4 -> device.flush();
                        default -> {
                            device.read(start + at, memory);
                            MemorySegment wanted = MemorySegment.ofArray(model).asSlice(at, bytes);
                            assertThat(memory.mismatch(wanted)).isEqualTo(-1);
                        }
                    }
                }
                device.read(start, aligned);
                assertThat(aligned.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(model);
            }
            return null;
        };
    }

    @Test
    void discardedBytesAreZerosOrAsBefore() throws IOException {
        try (BlockDevice device = make()) {
            byte[] data = new byte[4 * BLOCK];
            java.util.Arrays.fill(data, (byte) 5);
            device.write(0, MemorySegment.ofArray(data));
            device.discard(BLOCK, 2 * BLOCK);
            device.discard(0, 0);
            device.read(0, MemorySegment.ofArray(data));
            for (int block = 0; block < 4; block++) {
                byte first = data[block * BLOCK];
                assertThat(first).isIn((byte) 5, block == 1 || block == 2 ? (byte) 0 : (byte) 5);
                for (int i = 0; i < BLOCK; i++) {
                    assertThat(data[block * BLOCK + i]).isEqualTo(first);
                }
            }
        }
    }

    @Test
    void outsideAndUnalignedIsRefused() throws IOException {
        try (BlockDevice device = make()) {
            MemorySegment block = MemorySegment.ofArray(new byte[BLOCK]);
            assertThatThrownBy(() -> device.read(SIZE, block))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.write(-BLOCK, block))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.discard(0, SIZE + BLOCK))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.write(1, block))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> device.writeZeroes(0, 1, ZeroedSpace.KEPT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void afterCloseNothingIsReadOrWritten() throws IOException {
        BlockDevice device = make();
        device.write(0, MemorySegment.ofArray(new byte[BLOCK]));
        device.close();
        device.close();
        assertThatThrownBy(() -> device.read(0, MemorySegment.ofArray(new byte[BLOCK])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("EBADF");
    }
}

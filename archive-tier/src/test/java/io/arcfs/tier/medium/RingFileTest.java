package io.arcfs.tier.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transfers through io_uring, registered buffers and others, against plain positioned I/O. */
@Timeout(60)
final class RingFileTest {
    private static final int BLOCK = 4096;

    @TempDir Path dir;

    private interface Body {
        void run(PosixFile plain, RingFile ring) throws Exception;
    }

    private void with(Body body) throws Exception {
        try (PosixFile file =
                PosixFile.open(
                        dir.resolve("file"), OpenFlag.READ, OpenFlag.WRITE, OpenFlag.CREATE)) {
            RingFile ring;
            try {
                ring = RingFile.open(file);
            } catch (PosixException e) {
                Assumptions.abort("no io_uring: " + e.getMessage());
                return;
            }
            try (ring) {
                body.run(file, ring);
            }
        }
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void whatOneWritesTheOtherReads() throws Exception {
        Random random = new Random(3);
        with((plain, ring) -> {
            try (Arena arena = Arena.ofConfined()) {
                for (int i = 0; i < 200; i++) {
                    int length = (1 + random.nextInt(900)) * BLOCK;
                    long offset = (long) random.nextInt(2000) * BLOCK;
                    boolean own = length <= BulkFile.BUFFER_BYTES && random.nextBoolean();
                    MemorySegment buffer = own ? ring.takeBuffer() : arena.allocate(length, BLOCK);
                    byte[] content = new byte[length];
                    random.nextBytes(content);
                    MemorySegment part = buffer.asSlice(0, length);
                    part.copyFrom(MemorySegment.ofArray(content));
                    ring.write(offset, part);
                    byte[] back = new byte[length];
                    plain.read(offset, MemorySegment.ofArray(back));
                    assertThat(back).isEqualTo(content);
                    part.fill((byte) 0);
                    ring.read(offset, part);
                    assertThat(bytes(part)).isEqualTo(content);
                    if (own) {
                        ring.giveBuffer(buffer);
                    }
                }
            }
        });
    }

    @Test
    void readingBehindTheEndIsAnErrorAndTheNextReadIsFine() throws Exception {
        with((plain, ring) -> {
            plain.write(0, MemorySegment.ofArray(new byte[10 * BLOCK]));
            MemorySegment buffer = ring.takeBuffer();
            assertThatThrownBy(() -> ring.read(0, buffer))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ends before byte");
            ring.read(0, buffer.asSlice(0, 10L * BLOCK));
            ring.giveBuffer(buffer);
        });
    }

    @Test
    void anErrorOfTheKernelIsNamedAndTheRingGoesOn() throws Exception {
        with((plain, ring) -> {
            MemorySegment buffer = ring.takeBuffer();
            assertThatThrownBy(() -> ring.write(-BLOCK, buffer.asSlice(0, BLOCK)))
                    .isInstanceOf(PosixException.class);
            ring.write(0, buffer.asSlice(0, BLOCK));
            ring.giveBuffer(buffer);
        });
    }

    @Test
    void moreBuffersThanAreRegisteredAreThereAllTheSame() throws Exception {
        with((plain, ring) -> {
            List<MemorySegment> taken = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                MemorySegment buffer = ring.takeBuffer().fill((byte) i);
                ring.write((long) i * BulkFile.BUFFER_BYTES, buffer);
                taken.add(buffer);
            }
            taken.forEach(ring::giveBuffer);
            byte[] back = new byte[7 * BulkFile.BUFFER_BYTES];
            plain.read(0, MemorySegment.ofArray(back));
            for (int i = 0; i < 7; i++) {
                assertThat(back[i * BulkFile.BUFFER_BYTES + 5]).isEqualTo((byte) i);
            }
        });
    }

    @Test
    void threadsShareIt() throws Exception {
        with((plain, ring) -> {
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int own = t;
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    try {
                                        for (int i = 0; i < 50; i++) {
                                            MemorySegment buffer = ring.takeBuffer();
                                            buffer.fill((byte) (own * 50 + i));
                                            long at = (long) own * BulkFile.BUFFER_BYTES;
                                            ring.write(at, buffer);
                                            buffer.fill((byte) 0);
                                            ring.read(at, buffer);
                                            assertThat(buffer.get(ValueLayout.JAVA_BYTE, 70_000))
                                                    .isEqualTo((byte) (own * 50 + i));
                                            ring.giveBuffer(buffer);
                                        }
                                    } catch (Throwable e) {
                                        failures.add(e);
                                    }
                                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
        });
    }
}

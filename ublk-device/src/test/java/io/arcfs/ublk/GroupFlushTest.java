package io.arcfs.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.device.BlockDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GroupFlushTest {
    private static final int THREADS = 4;
    private static final int WRITES = 2000;

    @Test
    void everyWriteIsCoveredByAFlushThatBeganAfterIt() throws InterruptedException {
        CountingDevice device = new CountingDevice();
        GroupFlush flush = new GroupFlush(device);
        AtomicInteger uncovered = new AtomicInteger();
        Thread[] threads = new Thread[THREADS];
        for (int i = 0; i < THREADS; i++) {
            threads[i] =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int n = 0; n < WRITES; n++) {
                                    long mine = device.written.incrementAndGet();
                                    try {
                                        flush.flush();
                                    } catch (IOException | InterruptedException e) {
                                        uncovered.incrementAndGet();
                                    }
                                    if (device.durable.get() < mine) {
                                        uncovered.incrementAndGet();
                                    }
                                }
                            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(uncovered.get()).isZero();
        assertThat(device.flushes.get()).isBetween(1, THREADS * WRITES);
    }

    @Test
    void aFailedFlushIsToldAndTheNextTriesAgain() throws Exception {
        CountingDevice device = new CountingDevice();
        GroupFlush flush = new GroupFlush(device);
        device.failing = true;
        assertThatThrownBy(flush::flush).hasMessage("flush: no");
        device.failing = false;
        flush.flush();
        assertThat(device.flushes.get()).isEqualTo(2);
    }

    /** Says which of its writes a flush has covered. */
    private static final class CountingDevice implements BlockDevice {
        private final AtomicLong written = new AtomicLong();
        private final AtomicLong durable = new AtomicLong();
        private final AtomicInteger flushes = new AtomicInteger();
        private volatile boolean failing;

        @Override
        public long sizeBytes() {
            return 4096;
        }

        @Override
        public int blockSizeBytes() {
            return 4096;
        }

        @Override
        public void read(long offsetBytes, MemorySegment target) {
            target.fill((byte) 0);
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) {
            written.incrementAndGet();
        }

        @Override
        public void flush() throws IOException {
            flushes.incrementAndGet();
            long now = written.get();
            if (failing) {
                throw new IOException("no");
            }
            Thread.onSpinWait();
            durable.accumulateAndGet(now, Math::max);
        }

        @Override
        public void discard(long offsetBytes, long lengthBytes) {}

        @Override
        public void close() {}
    }
}

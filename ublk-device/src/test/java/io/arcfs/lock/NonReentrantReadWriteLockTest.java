package io.arcfs.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
@SuppressWarnings("LockNotBeforeTry") // a test that fails needs its lock no more
final class NonReentrantReadWriteLockTest {
    private static final int STRESS_MILLIS = 1500;

    private final NonReentrantReadWriteLock lock = new NonReentrantReadWriteLock();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Guarded by the lock; both move together. */
    private long first;

    private long second;

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Future<?> locked(Lock held, CountDownLatch has, CountDownLatch letGo) {
        return threads.submit(() -> {
            held.lock();
            try {
                has.countDown();
                letGo.await();
            } finally {
                held.unlock();
            }
            return null;
        });
    }

    private boolean isFree(Lock asked) throws Exception {
        return threads.submit(
                        () -> {
                            boolean taken = asked.tryLock(50, TimeUnit.MILLISECONDS);
                            if (taken) {
                                asked.unlock();
                            }
                            return taken;
                        })
                .get();
    }

    @Test
    void readersShareItAndAWriterHasItAlone() throws Exception {
        lock.readLock().lock();
        assertThat(isFree(lock.readLock())).isTrue();
        assertThat(isFree(lock.writeLock())).isFalse();
        lock.readLock().unlock();
        lock.writeLock().lock();
        assertThat(isFree(lock.readLock())).isFalse();
        assertThat(isFree(lock.writeLock())).isFalse();
        lock.writeLock().unlock();
        assertThat(isFree(lock.writeLock())).isTrue();
    }

    @Test
    void takingItAgainIsSaid() {
        lock.writeLock().lock();
        assertThatThrownBy(() -> lock.writeLock().lock())
                .isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(() -> lock.writeLock().tryLock())
                .isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(() -> lock.readLock().lock())
                .isInstanceOf(IllegalMonitorStateException.class);
        lock.writeLock().unlock();
        lock.readLock().lock();
        assertThatThrownBy(() -> lock.readLock().lock()).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> lock.writeLock().lock()).isInstanceOf(AssertionError.class);
        lock.readLock().unlock();
        assertThatThrownBy(() -> lock.writeLock().unlock())
                .isInstanceOf(IllegalMonitorStateException.class);
    }

    @Test
    void aReaderThatComesQueuesUpBehindAWriterThatWaits() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch endReading = new CountDownLatch(1);
        Future<?> reader = locked(lock.readLock(), reading, endReading);
        reading.await();
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch endWriting = new CountDownLatch(1);
        Future<?> writer = locked(lock.writeLock(), writing, endWriting);
        // The writer needs a moment to queue up; from then on readers wait.
        while (isFree(lock.readLock())) {
            Thread.onSpinWait();
        }
        assertThat(writing.getCount()).isEqualTo(1);
        CountDownLatch readingLater = new CountDownLatch(1);
        Future<?> later = locked(lock.readLock(), readingLater, new CountDownLatch(0));
        endReading.countDown();
        writing.await();
        assertThat(readingLater.getCount()).isEqualTo(1);
        endWriting.countDown();
        readingLater.await();
        reader.get();
        writer.get();
        later.get();
    }

    /** Readers that follow each other without a gap do not keep a writer out. */
    @Test
    void readersOneAfterTheOtherDoNotStarveAWriter() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Future<?>> readers = new ArrayList<>();
        CountDownLatch reading = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            readers.add(
                    threads.submit(() -> {
                        reading.countDown();
                        while (!done.get()) {
                            lock.readLock().lock();
                            try {
                                Thread.sleep(1);
                            } finally {
                                lock.readLock().unlock();
                            }
                        }
                        return null;
                    }));
        }
        reading.await();
        long slowest = 0;
        for (int i = 0; i < 200; i++) {
            long before = System.nanoTime();
            lock.writeLock().lock();
            lock.writeLock().unlock();
            slowest = Math.max(slowest, System.nanoTime() - before);
        }
        done.set(true);
        for (Future<?> reader : readers) {
            reader.get();
        }
        // Starved, it would wait as long as there are readers; a slow machine is no failure.
        assertThat(TimeUnit.NANOSECONDS.toSeconds(slowest)).isLessThan(20);
    }

    @Test
    void whoAwaitsAConditionLetsTheLockGo() throws Exception {
        Condition moved = lock.writeLock().newCondition();
        Future<Long> waiter =
                threads.submit(() -> {
                    lock.writeLock().lock();
                    try {
                        while (first == 0) {
                            moved.await();
                        }
                        return first;
                    } finally {
                        lock.writeLock().unlock();
                    }
                });
        while (!waiter.isDone()) {
            lock.writeLock().lock();
            try {
                first = 7;
                moved.signalAll();
            } finally {
                lock.writeLock().unlock();
            }
            Thread.sleep(1);
        }
        assertThat(waiter.get()).isEqualTo(7);
        assertThatThrownBy(moved::signalAll).isInstanceOf(IllegalMonitorStateException.class);
    }

    @Test
    void readersSeeWholeChangesAndNoneIsLost() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Future<Long>> writers = new ArrayList<>();
        List<Future<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            writers.add(threads.submit(() -> write(done)));
            readers.add(threads.submit(() -> read(done)));
        }
        Thread.sleep(STRESS_MILLIS);
        done.set(true);
        long written = 0;
        for (Future<Long> writer : writers) {
            written += writer.get();
        }
        for (Future<Long> reader : readers) {
            assertThat(reader.get()).isPositive();
        }
        lock.readLock().lock();
        assertThat(first).isEqualTo(written);
        assertThat(second).isEqualTo(written);
        lock.readLock().unlock();
    }

    private long write(AtomicBoolean done) {
        long changes = 0;
        while (!done.get()) {
            if (changes % 3 == 0) {
                lock.writeLock().lock();
            } else if (!lock.writeLock().tryLock()) {
                lock.writeLock().lock();
            }
            try {
                first++;
                second++;
            } finally {
                lock.writeLock().unlock();
            }
            changes++;
        }
        return changes;
    }

    private long read(AtomicBoolean done) {
        long reads = 0;
        while (!done.get()) {
            lock.readLock().lock();
            try {
                if (first != second) {
                    throw new IllegalStateException(first + " beside " + second);
                }
            } finally {
                lock.readLock().unlock();
            }
            reads++;
        }
        return reads;
    }

    @Test
    void readersBesideEachOtherMakeNoGarbage() throws Exception {
        ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 200_000;
        NonReentrantReadWriteLock shared = new NonReentrantReadWriteLock();
        AtomicBoolean done = new AtomicBoolean();
        Future<?> other =
                threads.submit(() -> {
                    while (!done.get()) {
                        shared.readLock().lock();
                        shared.readLock().unlock();
                    }
                });
        long least = Long.MAX_VALUE;
        for (int batch = 0; batch < 10; batch++) {
            long before = meter.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < calls; i++) {
                shared.readLock().lock();
                shared.readLock().unlock();
            }
            least = Math.min(least, meter.getCurrentThreadAllocatedBytes() - before);
        }
        done.set(true);
        other.get();
        assertThat(least).isLessThan(calls);
    }
}

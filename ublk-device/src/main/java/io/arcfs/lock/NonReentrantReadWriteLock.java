package io.arcfs.lock;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;

/**
 * A read-write lock that no holder takes again, and that allocates nothing while nobody has to
 * wait. {@link java.util.concurrent.locks.ReentrantReadWriteLock} counts the holds of each thread
 * in an object, which it makes and drops at every call while two threads read at once. The write
 * lock has conditions, which {@link java.util.concurrent.locks.StampedLock}'s has not.
 *
 * <p>Once a writer waits, readers that come queue up behind it, so that it waits for those only
 * that were there before. A writer that comes may get ahead of others that wait.
 *
 * <p>Taking it again would wait for ever. Who holds it for writing is told so by an exception; who
 * holds it for reading, by an assertion. Thread-safe.
 */
public final class NonReentrantReadWriteLock implements ReadWriteLock {
    private static final String AGAIN = "the thread holds this lock already";

    private final ReadLock readLock;
    private final WriteLock writeLock;

    public NonReentrantReadWriteLock() {
        Holders holders = new Holders();
        readLock = new ReadLock(holders);
        writeLock = new WriteLock(holders);
    }

    @Override
    public ReadLock readLock() {
        return readLock;
    }

    @Override
    public WriteLock writeLock() {
        return writeLock;
    }

    /** The number of readers, or {@link #WRITING}; and who waits. */
    private static final class Holders extends AbstractQueuedSynchronizer {
        private static final long serialVersionUID = 1;

        private static final int WRITING = -1;

        /** What this thread reads under; kept for assertions alone. */
        private static final ThreadLocal<List<Holders>> READING =
                ThreadLocal.withInitial(ArrayList::new);

        /**
         * Set by a writer that found no way in. Another one that gets in may clear it, but then the
         * first in the queue looks again when that one has done, and sets it if it must.
         */
        private volatile boolean writerWaits;

        @Override
        protected boolean tryAcquire(int unused) {
            boolean taken = tryWrite();
            if (writerWaits == taken) {
                writerWaits = !taken;
            }
            return taken;
        }

        boolean tryWrite() {
            if (compareAndSetState(0, WRITING)) {
                setExclusiveOwnerThread(Thread.currentThread());
                return true;
            }
            failIfWriting();
            return false;
        }

        @Override
        protected boolean tryRelease(int unused) {
            if (!isHeldExclusively()) {
                throw new IllegalMonitorStateException("the thread does not hold this lock");
            }
            setExclusiveOwnerThread(null);
            setState(0);
            return true;
        }

        @Override
        protected int tryAcquireShared(int unused) {
            while (true) {
                int readers = getState();
                if (readers == WRITING) {
                    failIfWriting();
                    return -1;
                }
                if (writerWaits && hasQueuedPredecessors()) {
                    return -1;
                }
                if (compareAndSetState(readers, readers + 1)) {
                    return 1;
                }
            }
        }

        @Override
        protected boolean tryReleaseShared(int unused) {
            while (true) {
                int readers = getState();
                if (readers <= 0) {
                    throw new IllegalMonitorStateException("nobody reads under this lock");
                }
                if (compareAndSetState(readers, readers - 1)) {
                    return readers == 1;
                }
            }
        }

        @Override
        protected boolean isHeldExclusively() {
            return Thread.currentThread().equals(getExclusiveOwnerThread());
        }

        private void failIfWriting() {
            if (isHeldExclusively()) {
                throw new IllegalMonitorStateException(AGAIN);
            }
        }

        boolean isReading() {
            return READING.get().contains(this);
        }

        boolean beginsReading() {
            return READING.get().add(this);
        }

        boolean endsReading() {
            return READING.get().remove(this);
        }

        Condition newCondition() {
            return new ConditionObject();
        }
    }

    /** Held by any number of threads. */
    public static final class ReadLock implements Lock {
        private final Holders holders;

        private ReadLock(Holders holders) {
            this.holders = holders;
        }

        @Override
        public void lock() {
            assert !holders.isReading() : AGAIN;
            holders.acquireShared(1);
            assert holders.beginsReading();
        }

        @Override
        public void lockInterruptibly() throws InterruptedException {
            assert !holders.isReading() : AGAIN;
            holders.acquireSharedInterruptibly(1);
            assert holders.beginsReading();
        }

        @Override
        public boolean tryLock() {
            assert !holders.isReading() : AGAIN;
            boolean taken = holders.tryAcquireShared(1) > 0;
            assert !taken || holders.beginsReading();
            return taken;
        }

        @Override
        public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
            assert !holders.isReading() : AGAIN;
            boolean taken = holders.tryAcquireSharedNanos(1, unit.toNanos(time));
            assert !taken || holders.beginsReading();
            return taken;
        }

        @Override
        public void unlock() {
            assert holders.endsReading() : "another thread reads under this lock";
            holders.releaseShared(1);
        }

        @Override
        public Condition newCondition() {
            throw new UnsupportedOperationException("a condition wants the write lock");
        }
    }

    /** Held by one thread, while nobody holds the other. */
    public static final class WriteLock implements Lock {
        private final Holders holders;

        private WriteLock(Holders holders) {
            this.holders = holders;
        }

        @Override
        public void lock() {
            assert !holders.isReading() : AGAIN;
            holders.acquire(1);
        }

        @Override
        public void lockInterruptibly() throws InterruptedException {
            assert !holders.isReading() : AGAIN;
            holders.acquireInterruptibly(1);
        }

        @Override
        public boolean tryLock() {
            assert !holders.isReading() : AGAIN;
            return holders.tryWrite();
        }

        @Override
        public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
            assert !holders.isReading() : AGAIN;
            return holders.tryAcquireNanos(1, unit.toNanos(time));
        }

        @Override
        public void unlock() {
            holders.release(1);
        }

        @Override
        public Condition newCondition() {
            return holders.newCondition();
        }
    }
}

package io.arcfs.tier.local;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.TierStatus;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import io.arcfs.tier.recall.Recaller;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings STAGED containers to their media on one background thread, in order of their numbers,
 * makes copies that are missing and writes damaged ones anew. What fails stays STAGED, with its SSD
 * copy, and is tried again after a pause that doubles up to a minute. Thread-safe.
 */
final class Destager implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Destager.class);
    private static final String PAUSED = "destage paused";
    private static final long LONGEST_DELAY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Failures in a row after which a waiter is told. */
    private static final int PATIENCE = 3;

    private final SlotContext context;
    private final MediaPool pool;
    private final int copies;
    private final long retryNanos;
    private final Pace pace;
    private final UncachedReader media;
    private final LastChecks checks;
    private final Runnable afterEach;
    private final BufferPool buffers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TreeMap<ContainerId, Job> jobs = new TreeMap<>(); // guarded by lock
    private final Thread thread;
    private int waiters; // guarded by lock
    private boolean budgetCheckWanted; // guarded by lock
    private volatile boolean stopped;
    private volatile boolean paused; // written under lock
    private volatile TierStatus.@Nullable Work work;

    /** A container on its way. Guarded by the lock. */
    private static final class Job {
        final ContainerSlot slot;

        /** Media whose copy is to be written anew. */
        final Set<UUID> damagedOn = new HashSet<>();

        int failures;
        long dueNanos = System.nanoTime();
        @Nullable IOException lastFailure;

        Job(ContainerSlot slot) {
            this.slot = slot;
        }
    }

    private Destager(
            SlotContext context,
            MediaPool pool,
            TierOptions options,
            Recaller recaller,
            UncachedReader media,
            BufferPool buffers,
            LastChecks checks,
            Runnable afterEach) {
        this.checks = checks;
        this.context = context;
        this.pool = pool;
        this.copies = options.copies();
        this.retryNanos = options.retryDelay().toNanos();
        this.pace =
                new Pace(
                        options.destageBytesPerSecond(),
                        recaller::hasBlockedReaders,
                        () -> stopped);
        this.media = media;
        this.buffers = buffers;
        this.afterEach = afterEach;
        this.thread = Thread.ofPlatform().daemon().name("destage").unstarted(this::run);
    }

    /**
     * @param media where copies are made from when the SSD has none
     * @param afterEach runs on the destage thread after each container and when asked for
     */
    static Destager start(
            SlotContext context,
            MediaPool pool,
            TierOptions options,
            Recaller recaller,
            UncachedReader media,
            BufferPool buffers,
            LastChecks checks,
            Runnable afterEach)
            throws IOException {
        Destager destager =
                new Destager(context, pool, options, recaller, media, buffers, checks, afterEach);
        destager.paused = context.catalog().note(PAUSED).isPresent();
        destager.thread.start();
        return destager;
    }

    /** Stops at the end of the container under way, or goes on; remembered over a restart. */
    void pause(boolean pauses) throws IOException {
        context.catalog().putNote(PAUSED, pauses ? new byte[] {1} : null);
        lock.lock();
        try {
            paused = pauses;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isPaused() {
        return paused;
    }

    /** Has a copy written anew that gave wrong bytes. */
    void repair(ContainerSlot slot, UUID medium) {
        lock.lock();
        try {
            jobs.computeIfAbsent(slot.id(), id -> new Job(slot)).damagedOn.add(medium);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Idempotent. */
    void add(ContainerSlot slot) {
        lock.lock();
        try {
            jobs.computeIfAbsent(slot.id(), id -> new Job(slot));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Has {@code afterEach} run soon. */
    void requestBudgetCheck() {
        lock.lock();
        try {
            budgetCheckWanted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until what is STAGED now is on its media; fails when one of them does not get there.
     */
    void await() throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            waiters++;
            Map<Job, Integer> before = new HashMap<>();
            for (Job job : jobs.values()) {
                before.put(job, job.failures);
                job.dueNanos = System.nanoTime();
            }
            changed.signalAll();
            while (true) {
                before.keySet().removeIf(job -> jobs.get(job.slot.id()) != job);
                if (before.isEmpty()) {
                    return;
                }
                failIfHopeless(before);
                if (paused) {
                    throw new IOException("destaging is paused");
                }
                if (stopped) {
                    throw new IOException("the tier is closing");
                }
                changed.await();
            }
        } finally {
            waiters--;
            lock.unlock();
        }
    }

    private static void failIfHopeless(Map<Job, Integer> before) throws IOException {
        for (Map.Entry<Job, Integer> entry : before.entrySet()) {
            Job job = entry.getKey();
            IOException failure = job.lastFailure;
            if (failure != null && job.failures - entry.getValue() >= PATIENCE) {
                throw new IOException(
                        job.slot.id() + " cannot be destaged: " + failure.getMessage(), failure);
            }
        }
    }

    List<TierStatus.Work> work() {
        TierStatus.Work now = work;
        return now == null ? List.of() : List.of(now);
    }

    private void run() {
        while (true) {
            try {
                Job job = next();
                if (job != null) {
                    tryJob(job);
                }
                if (stopped) {
                    return;
                }
                afterEach.run();
            } catch (RuntimeException e) {
                LOG.error("destage: {}", e.getMessage(), e);
            }
        }
    }

    /** Waits for a due job; null when there is none but something else to do. */
    private @Nullable Job next() {
        lock.lock();
        try {
            while (!stopped && !budgetCheckWanted) {
                long now = System.nanoTime();
                long wait = Long.MAX_VALUE;
                for (Job job : paused ? List.<Job>of() : jobs.values()) {
                    if (job.dueNanos - now <= 0) {
                        return job;
                    }
                    wait = Math.min(wait, job.dueNanos - now);
                }
                sleep(wait);
            }
            budgetCheckWanted = false;
            return null;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    private void sleep(long nanos) {
        try {
            if (nanos == Long.MAX_VALUE) {
                changed.await();
            } else {
                long left = changed.awaitNanos(nanos);
                LOG.trace("woken {} ns early", left);
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread; it is ended by close().
            LOG.debug("interrupted", e);
        }
    }

    private void tryJob(Job job) {
        ContainerSlot slot = job.slot;
        try {
            repair(job);
            destage(slot);
            context.problems().clear("destage " + slot.id());
            finished(job, null);
            LOG.info("{} is cold", slot.id());
        } catch (ContainerCopy.StoppedException e) {
            LOG.debug("{}: destage stopped", slot.id());
        } catch (IOException | RuntimeException e) {
            if (slot.isReleased()) {
                LOG.debug("{} was released while it was destaged", slot.id());
                context.problems().clear("destage " + slot.id());
                finished(job, null);
                return;
            }
            IOException failure = e instanceof IOException io ? io : new IOException(e);
            context.problems()
                    .set(
                            "destage " + slot.id(),
                            slot.id() + " cannot be destaged: " + failure.getMessage());
            LOG.warn("{} cannot be destaged: {}", slot.id(), failure.getMessage());
            finished(job, failure);
        } finally {
            work = null;
        }
    }

    private void finished(Job job, @Nullable IOException failure) {
        lock.lock();
        try {
            if (failure == null) {
                if (job.damagedOn.isEmpty()) {
                    jobs.remove(job.slot.id());
                }
            } else {
                job.lastFailure = failure;
                job.failures++;
                int doublings = waiters > 0 ? 0 : Math.min(job.failures - 1, 16);
                job.dueNanos =
                        System.nanoTime() + Math.min(retryNanos << doublings, LONGEST_DELAY_NANOS);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void repair(Job job) throws IOException {
        for (UUID id : takeDamaged(job)) {
            PooledMedium medium = pool.byId(id).orElse(null);
            if (medium == null) {
                continue;
            }
            String subject = "repair " + job.slot.id() + " on " + medium.spec();
            try {
                // In place of the damaged copy; only bytes that fit the footer are written.
                Placement placement = copy(job.slot, medium);
                if (!job.slot.placed(placement, copies)) {
                    medium.open().free(placement.place());
                    return;
                }
                checks.checked(job.slot.id(), id);
                medium.repaired(job.slot.id());
                context.problems().clear(subject);
                LOG.info("{} on {} is whole again", job.slot.id(), medium);
            } catch (ContainerCopy.StoppedException e) {
                throw e;
            } catch (IOException e) {
                // Not tried for ever: the next reader or verify finds it again.
                context.problems().set(subject, subject + " failed: " + e.getMessage());
                LOG.warn("{} failed: {}", subject, e.getMessage());
            }
        }
    }

    private Set<UUID> takeDamaged(Job job) {
        lock.lock();
        try {
            Set<UUID> taken = Set.copyOf(job.damagedOn);
            job.damagedOn.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void destage(ContainerSlot slot) throws IOException {
        if (!isWanting(slot)) {
            return;
        }
        IOException last = null;
        Set<UUID> taken = new HashSet<>();
        slot.placements().forEach(placement -> taken.add(placement.medium()));
        for (PooledMedium medium : pool.candidates(taken)) {
            if (!isWanting(slot)) {
                break;
            }
            Placement placement;
            try {
                placement = copy(slot, medium);
            } catch (ContainerCopy.StoppedException | ContainerCopy.SourceException e) {
                throw e;
            } catch (IOException e) {
                medium.failed(e);
                last = e;
                continue;
            }
            medium.succeeded();
            if (!slot.placed(placement, copies)) {
                medium.open().free(placement.place());
                return;
            }
            checks.checked(slot.id(), placement.medium());
            medium.recountUsedBytes();
        }
        if (isWanting(slot)) {
            throw last != null
                    ? last
                    : new IOException("no medium is left for copy " + (taken.size() + 1));
        }
    }

    private static boolean isWanting(ContainerSlot slot) {
        return !slot.isReleased() && (slot.state() == ContainerState.STAGED || slot.lacksCopies());
    }

    private Placement copy(ContainerSlot slot, PooledMedium medium) throws IOException {
        long total = slot.usedBlocksEnd();
        String subject = slot.id() + " to " + medium.spec();
        ContainerCopy.CopySource source =
                slot.state() == ContainerState.STAGED
                        ? slot::readStaged
                        : (offset, target) -> readAnywhere(slot, offset, target);
        return new ContainerCopy(
                        context.geometry(),
                        slot,
                        medium,
                        buffers,
                        source,
                        pace,
                        () -> stopped,
                        done -> work = new TierStatus.Work("destage", subject, done, total))
                .run();
    }

    /** What is on media may be on the SSD, too; if not, they are asked one after the other. */
    private void readAnywhere(ContainerSlot slot, long offset, MemorySegment target)
            throws IOException {
        if (!(slot.tryRead(offset, target) instanceof SlotReads.Result.Done)) {
            media.read(slot, offset, target);
        }
    }

    /** Ends the thread at the next object; what is STAGED stays so. */
    @Override
    public void close() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

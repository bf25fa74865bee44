package io.arcfs.ublk;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixFile;
import io.arcfs.ublk.abi.CommandCode.Encoding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The queues of a device, each on a platform thread of its own. Thread-safe. */
final class QueueThreads implements QueueMonitor {
    /** After this many failures of requests, only every so manieth is told. */
    private static final long LOUD_FAILURES = 100;

    private final ServerEvents events;
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch fetched;
    private final CountDownLatch ended;
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private final AtomicLong failures = new AtomicLong();

    QueueThreads(
            DeviceInfo device,
            DataPath path,
            PosixFile character,
            UblkTarget target,
            Encoding encoding,
            ServerEvents events)
            throws IOException {
        this.events = events;
        fetched = new CountDownLatch(device.queues());
        ended = new CountDownLatch(device.queues());
        for (int id = 0; id < device.queues(); id++) {
            UblkQueue queue = new UblkQueue(id, device, path, character, target, encoding, this);
            threads.add(new Thread(queue, "ublk" + device.id() + "-q" + id));
        }
    }

    /** Starts all and waits until every tag is with the kernel. */
    void start(Duration limit) throws IOException, InterruptedException {
        threads.forEach(Thread::start);
        if (!fetched.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException("the queues did not start in " + limit);
        }
        Throwable cause = broken.get();
        if (cause != null) {
            throw new IOException("a queue did not start: " + cause.getMessage(), cause);
        }
    }

    /**
     * Waits until every queue has ended.
     *
     * @return what broke one, or null when the device was stopped
     */
    @Nullable Throwable awaitEnd() throws InterruptedException {
        ended.await();
        return broken.get();
    }

    boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void fetched(UblkQueue queue) {
        fetched.countDown();
    }

    @Override
    public void failed(UblkRequest request, Throwable cause) {
        long count = failures.incrementAndGet();
        if (count <= LOUD_FAILURES || count % LOUD_FAILURES == 0) {
            events.error("request failed count=" + count + " " + request, cause);
        }
    }

    @Override
    public void lostTag(UblkQueue queue, int tag, Errno errno) {
        events.error(
                "tag lost queue=" + queue.id() + " tag=" + tag + " errno=" + errno.name(), null);
    }

    @Override
    public void ended(UblkQueue queue, @Nullable Throwable cause) {
        if (cause != null) {
            broken.compareAndSet(null, cause);
            events.error("queue broken queue=" + queue.id(), cause);
        }
        fetched.countDown(); // one that never fetched does not keep the starter waiting
        ended.countDown();
    }
}

package io.arcfs.fuse.kernel;

import io.arcfs.device.WaitPoint;
import io.arcfs.fuse.Shell;
import io.arcfs.fuse.Transport;
import io.arcfs.fuse.TransportContract;
import io.arcfs.fuse.memory.Observer;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A native mount of a file system in memory for each test, with a look at its requests. */
abstract class OnNativeMount extends TransportContract {
    @Override
    protected Transport transport() {
        return new NativeTransport();
    }

    NativeMount nativeMount() {
        return (NativeMount) mounted();
    }

    /** Requests of that name so far. */
    long requests(String opcode) {
        return nativeMount().requests().getOrDefault(opcode, 0L);
    }

    long allRequests() {
        return nativeMount().requests().values().stream().mapToLong(Long::longValue).sum();
    }

    Process start(String python, String... arguments) throws Exception {
        var command = new java.util.ArrayList<>(List.of("python3", "-c", python));
        command.addAll(List.of(arguments));
        return Shell.start(root, command);
    }

    static void signal(String name, Process process) throws Exception {
        Shell.run(Path.of("/"), "kill -" + name + " " + process.pid());
    }

    /** Bytes that come when the test says so. */
    static final class SlowReads implements Observer {
        private final Runnable waitPoint;
        private final CountDownLatch come = new CountDownLatch(1);
        private final AtomicInteger waiting = new AtomicInteger();
        private final AtomicInteger interrupted = new AtomicInteger();

        private SlowReads(Runnable waitPoint) {
            this.waitPoint = waitPoint;
        }

        /** Readers wait as they wait for a cold medium. */
        static SlowReads ofMedium() {
            return new SlowReads(WaitPoint::enter);
        }

        /** Readers wait as they wait for the SSD. */
        static SlowReads ofDisk() {
            return new SlowReads(WaitPoint::sync);
        }

        @Override
        public void reading(long bytes) throws FsException {
            waitPoint.run();
            waiting.incrementAndGet();
            try {
                come.await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
                throw new FsException(Reason.INTERRUPTED, "interrupted while waiting for bytes");
            } finally {
                waiting.decrementAndGet();
            }
        }

        int waiting() {
            return waiting.get();
        }

        int interrupted() {
            return interrupted.get();
        }

        void come() {
            come.countDown();
        }
    }
}

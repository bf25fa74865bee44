package io.arcfs.fuse.jnr;

import io.arcfs.fuse.HandOver;
import io.arcfs.fuse.HandleTable;
import io.arcfs.fuse.Mount;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.MountTable;
import io.arcfs.fuse.Unmounter;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.OpenDirectory;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One libfuse session and the permanent threads in its loop.
 *
 * <p>The threads end when the kernel says that the mount is gone, and the last one takes libfuse's
 * objects down; so nothing native is freed while a callback may run. Thread-safe.
 */
final class JnrMount implements Mount {
    private static final Logger LOG = LoggerFactory.getLogger(JnrMount.class);
    private static final Duration POLL = Duration.ofMillis(5);

    /** libfuse remembers one session of the process while its signal handlers are set. */
    private static final Object SIGNAL_LOCK = new Object();

    private final LibFuse libFuse;
    private final Path mountpoint;
    private final Session session;
    private final Pointer channel;
    private final Pointer fuse;
    private final String device;
    private final Unmounter unmounter;
    private final AtomicInteger running;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** What the callbacks work on. */
    private static final class Session {
        final HandleTable<FileHandle> files = new HandleTable<>();
        final HandleTable<OpenDirectory> directories = new HandleTable<>();
        final OperationTable operations = new OperationTable();
        final CountDownLatch initialised = new CountDownLatch(1);
        final PathResolver paths;

        Session(LibFuse libFuse, FileSystem fileSystem) {
            paths = new PathResolver(fileSystem);
            var privileges = new PrivilegeBits(fileSystem);
            var unchanged = new UnchangedFiles();
            new NamespaceOperations(
                            fileSystem, paths, privileges, unchanged, libFuse::fuse_get_context)
                    .bindTo(operations);
            new FileOperations(
                            fileSystem,
                            paths,
                            files,
                            privileges,
                            unchanged,
                            libFuse::fuse_get_context)
                    .bindTo(operations);
            new DirectoryOperations(fileSystem, paths, directories).bindTo(operations);
            new XattrOperations(fileSystem, paths).bindTo(operations);
            operations.bind(
                    "init",
                    operations.slots().init.offset(),
                    1,
                    (_, _, _, _, _) -> {
                        initialised.countDown();
                        return 0;
                    });
        }

        /** Gives everything back that the kernel no longer will. */
        void end() {
            files.drain(handle -> given(handle::release));
            directories.drain(directory -> given(directory::release));
            paths.close();
        }

        /** One failure must not keep the rest. */
        private static void given(Runnable release) {
            try {
                release.run();
            } catch (RuntimeException e) {
                LOG.error("an open handle could not be given back at the unmount", e);
            }
        }
    }

    private JnrMount(
            LibFuse libFuse,
            Path mountpoint,
            Session session,
            Pointer channel,
            Pointer fuse,
            String device,
            int threads) {
        this.libFuse = libFuse;
        this.mountpoint = mountpoint;
        this.session = session;
        this.channel = channel;
        this.fuse = fuse;
        this.device = device;
        this.unmounter = new Unmounter(mountpoint, device);
        this.running = new AtomicInteger(threads);
    }

    /** Mounts at a checked mountpoint and starts the threads. */
    static JnrMount start(
            LibFuse libFuse, FileSystem fileSystem, Path mountpoint, MountOptions options)
            throws MountException {
        var session = new Session(libFuse, fileSystem);
        Pointer fuse = setUp(libFuse, session.operations, mountpoint, options);
        Pointer channel = libFuse.fuse_session_next_chan(libFuse.fuse_get_session(fuse), null);
        String device = MountTable.now().at(mountpoint).map(MountTable.Entry::device).orElse("");
        var mount =
                new JnrMount(
                        libFuse, mountpoint, session, channel, fuse, device, options.threads());
        mount.startThreads(options.threads());
        return mount;
    }

    private static Pointer setUp(
            LibFuse libFuse, OperationTable operations, Path mountpoint, MountOptions options)
            throws MountException {
        var arguments = new LibFuseArguments(mountpoint, options);
        Pointer out = Memory.allocateDirect(Runtime.getSystemRuntime(), 2 * Long.BYTES, true);
        synchronized (SIGNAL_LOCK) {
            @Nullable Pointer fuse;
            try {
                fuse =
                        libFuse.fuse_setup(
                                arguments.count(),
                                arguments.argv(),
                                operations.memory(),
                                operations.sizeBytes(),
                                out,
                                out.slice(Long.BYTES),
                                null);
            } finally {
                Reference.reachabilityFence(arguments);
            }
            if (fuse == null) {
                throw refused(mountpoint);
            }
            libFuse.fuse_remove_signal_handlers(libFuse.fuse_get_session(fuse));
            return fuse;
        }
    }

    private static MountException refused(Path mountpoint) {
        return new MountException(
                "cannot mount at "
                        + mountpoint
                        + ": libfuse refused; its reason stands on standard error");
    }

    /** Goes on with fewer threads than wanted, as long as there is one. */
    private void startThreads(int wanted) throws MountException {
        int started = 0;
        try {
            for (; started < wanted; started++) {
                Thread.ofPlatform().name("fuse-" + started).daemon(true).start(this::serve);
            }
        } catch (OutOfMemoryError e) {
            LOG.warn("threads wanted={} started={} reason={}", wanted, started, e.getMessage());
            if (running.addAndGet(started - wanted) == 0) {
                end();
                throw new MountException(
                        "cannot mount at "
                                + mountpoint
                                + ": no thread can be started; raise the limit of processes"
                                + " (ulimit -u)",
                        e);
            }
        }
    }

    private void serve() {
        try {
            libFuse.fuse_loop(fuse);
        } finally {
            if (running.decrementAndGet() == 0) {
                end();
            }
        }
    }

    /** Runs on the last thread of the loop. */
    private void end() {
        try {
            libFuse.fuse_unmount(cString(mountpoint), channel);
            libFuse.fuse_destroy(fuse);
            session.end();
            LOG.info("unmounted mountpoint={}", mountpoint);
        } finally {
            ended.countDown();
        }
    }

    private static byte[] cString(Path path) {
        return (path + "\0").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Path mountpoint() {
        return mountpoint;
    }

    @Override
    public String transport() {
        return "jnr";
    }

    @Override
    public Optional<String> passthroughOff() {
        return Optional.of("libfuse 2.9 does not know it");
    }

    @Override
    public Optional<String> ioUringOff() {
        return Optional.of("libfuse 2.9 does not know it");
    }

    @Override
    public void awaitServing(Duration limit) throws MountException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!isServing()) {
            if (ended.getCount() == 0) {
                throw new MountException(
                        "the mount at " + mountpoint + " ended before it served; see the log");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new MountException(
                        "the mount at "
                                + mountpoint
                                + " does not answer after "
                                + limit.toMillis()
                                + " ms; see the log");
            }
            if (!session.initialised.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                continue;
            }
            Thread.sleep(POLL);
        }
    }

    @Override
    public boolean isServing() {
        return session.initialised.getCount() == 0
                && ended.getCount() != 0
                && MountTable.now().shows(device);
    }

    @Override
    public int openHandles() {
        return session.files.size() + session.directories.size();
    }

    @Override
    public void unmount() throws MountException {
        unmounter.unmount(ended);
    }

    @Override
    public void awaitUnmounted() throws InterruptedException {
        ended.await();
    }

    @Override
    public HandOver handOver() throws MountException {
        throw new MountException("libfuse 2.9 cannot hand a mount over; mount with fuse=native");
    }

    @Override
    public void letGo() {
        throw new IllegalStateException("never handed over");
    }

    @Override
    public void close() {
        unmounter.close(ended);
    }
}

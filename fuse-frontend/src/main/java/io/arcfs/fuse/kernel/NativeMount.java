package io.arcfs.fuse.kernel;

import io.arcfs.fuse.HandOver;
import io.arcfs.fuse.Mount;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.MountTable;
import io.arcfs.fuse.OperationTimes;
import io.arcfs.fuse.Unmounter;
import io.arcfs.fuse.abi.Descriptors;
import io.arcfs.fuse.abi.FuseCalls;
import io.arcfs.fuse.kernel.MountStateCodec.MountState;
import io.arcfs.overlay.FileSystem;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mount served by {@link ReaderPool}. Thread-safe. */
final class NativeMount implements Mount {
    private static final Logger LOG = LoggerFactory.getLogger(NativeMount.class);

    /**
     * Posts at least: while one request is served, another is taken. More than there are CPUs cost
     * switches of threads and nothing else, as who waits hands over its post.
     */
    private static final int MIN_POSTS = 2;

    /** Posts for readers beside those that wait for the SSD: as many requests as keep one busy. */
    private static final int SPARE_POSTS = 8;

    /** Requests that may wait at once, each in a reader with a buffer of its own. */
    private static final int WAITING_LIMIT = 256;

    /** How long requests under way may take before a hand-over is called off. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final Path mountpoint;
    private final String device;
    private final Negotiation agreed;
    private final int descriptor;
    private final Session session;
    private final Passthrough passthrough;
    private final @Nullable String ioUringOff;
    private final ReaderPool pool;
    private final RingQueues queues;
    private final Unmounter unmounter;
    private final CountDownLatch ended = new CountDownLatch(1);

    private NativeMount(
            Path mountpoint,
            String device,
            FileSystem fileSystem,
            Negotiation agreed,
            List<Integer> posts,
            int always,
            Rings rings) {
        this.mountpoint = mountpoint;
        this.device = device;
        this.agreed = agreed;
        this.descriptor = posts.getFirst();
        this.passthrough = new Passthrough(descriptor, passthroughOff(agreed));
        this.session = new Session(fileSystem, passthrough);
        this.unmounter = new Unmounter(mountpoint, device);
        this.pool =
                new ReaderPool(
                        session,
                        descriptor,
                        posts,
                        always,
                        agreed,
                        posts.size() + rings.open().size() + WAITING_LIMIT,
                        this::end);
        this.ioUringOff = rings.offBecause();
        this.queues = new RingQueues(pool, session, descriptor, agreed, this::nudge);
    }

    private static @Nullable String passthroughOff(Negotiation agreed) {
        if (agreed.has(InitFlag.PASSTHROUGH)) {
            return null;
        }
        return isPrivileged()
                ? "this kernel has no FUSE passthrough (Linux 6.9)"
                : "only root may use FUSE passthrough";
    }

    private static boolean isPrivileged() {
        return Posix.getuid() == 0;
    }

    /** Serves a mount that exists; takes over its descriptor. */
    static NativeMount start(
            FileSystem fileSystem, Path mountpoint, MountOptions options, int descriptor)
            throws MountException {
        String device = deviceOf(mountpoint);
        List<Integer> posts = List.of(descriptor);
        Rings rings = options.ioUring() ? Rings.forEveryCpu() : Rings.none("not asked for");
        NativeMount mount;
        try {
            Negotiation agreed =
                    Connection.negotiate(
                            descriptor,
                            InitFlag.wanted(
                                    isPrivileged(), options.acl(), !rings.open().isEmpty()));
            if (!rings.open().isEmpty() && !agreed.has(InitFlag.OVER_IO_URING)) {
                Rings.close(rings.open());
                rings = Rings.none("this kernel has no FUSE over io_uring (Linux 6.14)");
            }
            int always = Math.min(options.threads(), wantedPosts());
            posts = Connection.posts(descriptor, always + SPARE_POSTS);
            mount = new NativeMount(mountpoint, device, fileSystem, agreed, posts, always, rings);
            mount.pool.start();
        } catch (PosixException | MountException | RuntimeException | OutOfMemoryError e) {
            Rings.close(rings.open());
            posts.forEach(Descriptors::close); // the mount ends with its last descriptor
            new Unmounter(mountpoint, device).close(new CountDownLatch(0));
            throw e instanceof MountException refused
                    ? refused
                    : new MountException(
                            "cannot mount at " + mountpoint + ": " + e.getMessage(), e);
        }
        if (!mount.queues.start(rings.open())) {
            mount.close();
            throw new MountException(
                    "cannot mount at " + mountpoint + ": a thread for io_uring cannot be started");
        }
        return mount;
    }

    /** Serves a mount that another process served before; takes over its descriptor. */
    static NativeMount resume(FileSystem fileSystem, Path mountpoint, HandOver handOver)
            throws MountException {
        List<Integer> posts = List.of(handOver.descriptor());
        try {
            MountState state = MountStateCodec.decode(handOver.state());
            posts = Connection.posts(handOver.descriptor(), wantedPosts() + SPARE_POSTS);
            var mount =
                    new NativeMount(
                            mountpoint,
                            deviceOf(mountpoint),
                            fileSystem,
                            state.agreed(),
                            posts,
                            wantedPosts(),
                            Rings.none("the mount was taken over"));
            new Succession(mount.session).restore(state);
            // Before anybody reads: what one of ours is just answering would be asked twice.
            mount.resend();
            mount.pool.start();
            return mount;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            posts.forEach(Descriptors::close);
            throw new MountException(
                    "cannot take over the mount at " + mountpoint + ": " + e.getMessage(), e);
        }
    }

    private static String deviceOf(Path mountpoint) {
        return MountTable.now().at(mountpoint).map(MountTable.Entry::device).orElse("");
    }

    private static int wantedPosts() {
        return Math.max(MIN_POSTS, Runtime.getRuntime().availableProcessors());
    }

    private void resend() {
        if (!agreed.has(InitFlag.HAS_RESEND)) {
            return; // before Linux 6.9: what was under way failed with the predecessor
        }
        try (Arena arena = Arena.ofConfined()) {
            new Notifier(new FuseCalls(), descriptor, arena).resend();
        }
    }

    /** Runs on the last reader. */
    private void end() {
        try {
            session.end();
            LOG.info("unmounted mountpoint={} requests={}", mountpoint, requests());
        } finally {
            ended.countDown();
        }
    }

    @Override
    public Path mountpoint() {
        return mountpoint;
    }

    @Override
    public String transport() {
        return NativeTransport.NAME;
    }

    @Override
    public Optional<String> passthroughOff() {
        return passthrough.offBecause();
    }

    @Override
    public Optional<String> ioUringOff() {
        return Optional.ofNullable(ioUringOff == null ? queues.refusal() : ioUringOff);
    }

    /** FUSE_INIT was answered when this object was made; nothing is left to wait for. */
    @Override
    public void awaitServing(Duration limit) throws MountException {
        if (!isServing()) {
            throw new MountException(
                    "the mount at " + mountpoint + " ended before it served; see the log");
        }
    }

    @Override
    public void measure() {
        session.times.measure();
    }

    @Override
    public Map<String, OperationTimes> operationTimes() {
        return session.times.byName();
    }

    @Override
    public boolean isServing() {
        return ended.getCount() != 0 && MountTable.now().shows(device);
    }

    @Override
    public int openHandles() {
        return session.files.size() + session.directories.size();
    }

    /** Requests since the mount, by opcode. */
    Map<String, Long> requests() {
        return session.counts.byName();
    }

    RequestCounts counts() {
        return session.counts;
    }

    int readers() {
        return pool.readers();
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
    public HandOver handOver() throws MountException, InterruptedException {
        if (ioUringOff == null) {
            throw new MountException(
                    "the mount at "
                            + mountpoint
                            + " cannot be handed over: Linux keeps the requests of a ring for the"
                            + " process that made it; mount without io_uring for that");
        }
        if (!pool.stop(this::nudge, STOP_PATIENCE)) {
            throw new MountException(
                    "the mount at "
                            + mountpoint
                            + " cannot be handed over: a request does not end");
        }
        // Before any other descriptor of the connection is closed: that would fail its requests.
        resend();
        return new HandOver(
                descriptor, MountStateCodec.encode(new Succession(session).state(agreed)));
    }

    /** A request that the kernel never answers itself. */
    private void nudge() {
        try {
            Posix.statfs(mountpoint);
        } catch (IOException e) {
            LOG.debug("nudge failed: {}", e.getMessage());
        }
    }

    @Override
    public void letGo() {
        pool.closePosts();
        ended.countDown();
    }

    @Override
    public void close() {
        unmounter.close(ended);
    }
}

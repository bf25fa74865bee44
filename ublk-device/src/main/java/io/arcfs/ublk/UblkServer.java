package io.arcfs.ublk;

import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Serves one device from this process: made or taken over, live until it is stopped.
 *
 * <p>If anything fails on the way to a new device, what was made of it is deleted again. A device
 * taken over is left as it was, for the next try. Thread-safe.
 */
public final class UblkServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(5);
    private static final Duration NODE_LIMIT = Duration.ofSeconds(10);
    private static final Duration DYING_LIMIT = Duration.ofSeconds(60);
    private static final long RETRY_NANOS = 50_000_000;

    private final UblkControl control;
    private final DeviceInfo device;
    private final PosixFile character;
    private final UblkTarget target;
    private final QueueThreads queues;
    private final ServerEvents events;
    private boolean deleted;

    private UblkServer(
            UblkControl control,
            DeviceInfo device,
            PosixFile character,
            UblkTarget target,
            QueueThreads queues,
            ServerEvents events) {
        this.control = control;
        this.device = device;
        this.character = character;
        this.target = target;
        this.queues = queues;
        this.events = events;
    }

    /** What must be noted about a device, durably enough for its use, before it can be seen. */
    @FunctionalInterface
    public interface BeforeLive {
        void note(DeviceInfo device) throws IOException;
    }

    /** Makes a device and serves it; it is live on return. The control stays the caller's. */
    public static UblkServer start(
            UblkControl control,
            ServerOptions options,
            UblkTarget target,
            BeforeLive beforeLive,
            ServerEvents events)
            throws IOException, InterruptedException {
        requireSupport(control, options, target);
        DeviceInfo device = control.add(wanted(options));
        PosixFile character = null;
        try {
            requireGranted(options, device);
            character = openNode(DeviceInfo.characterNode(device.id()));
            control.setParameters(device, target.parameters(device.maxRequestBytes()));
            beforeLive.note(device);
            Preload.classesOfTheServer();
            QueueThreads queues =
                    new QueueThreads(
                            device, options.path(), character, target, control.encoding(), events);
            queues.start(START_LIMIT);
            control.start(device, START_LIMIT);
            events.note("live device=" + device.id() + " target=" + target.kind());
            return new UblkServer(control, device, character, target, queues, events);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            undo(control, device, character, e);
            throw e;
        }
    }

    /** Takes over a device whose server has died; requests flow again on return. */
    public static UblkServer recover(
            UblkControl control, int id, DataPath path, UblkTarget target, ServerEvents events)
            throws IOException, InterruptedException {
        DeviceInfo device = awaitDead(control, id);
        startRecovery(control, device);
        PosixFile character = openNode(DeviceInfo.characterNode(id));
        try {
            Preload.classesOfTheServer();
            QueueThreads queues =
                    new QueueThreads(device, path, character, target, control.encoding(), events);
            queues.start(START_LIMIT);
            control.endRecovery(device, START_LIMIT);
            events.note("recovered device=" + id + " target=" + target.kind());
            return new UblkServer(control, device, character, target, queues, events);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            character.close();
            throw e;
        }
    }

    private static DeviceInfo wanted(ServerOptions options) {
        EnumSet<Feature> features = EnumSet.noneOf(Feature.class);
        features.addAll(options.path().needs());
        if (options.privilege() == ServerOptions.Privilege.UNPRIVILEGED) {
            features.add(Feature.UNPRIVILEGED_DEV);
        } else {
            features.add(Feature.USER_RECOVERY);
            features.add(Feature.USER_RECOVERY_REISSUE);
        }
        return new DeviceInfo(
                options.id(),
                options.queues(),
                options.depth(),
                DeviceState.DEAD,
                options.maxRequestBytes(),
                (int) ProcessHandle.current().pid(),
                features,
                0,
                0);
    }

    private static void requireSupport(
            UblkControl control, ServerOptions options, UblkTarget target) throws IOException {
        if (!target.supports(options.path())) {
            throw new IllegalArgumentException(
                    "a " + target.kind() + " target cannot use " + options.path());
        }
        Set<Feature> known = control.features();
        // A driver that cannot say what it has is asked by adding the device.
        if (!known.isEmpty() && !known.containsAll(options.path().needs())) {
            throw new PosixException("ublk", Errno.EOPNOTSUPP, options.path() + " on this kernel");
        }
    }

    /** The driver drops silently what it does not have. */
    private static void requireGranted(ServerOptions options, DeviceInfo device)
            throws PosixException {
        if (!device.features().containsAll(options.path().needs())) {
            throw new PosixException("ublk", Errno.EOPNOTSUPP, options.path() + " on this kernel");
        }
    }

    /**
     * The node appears a moment after the device, and udev may open it to its owner later still.
     */
    private static PosixFile openNode(Path node) throws IOException {
        long deadline = System.nanoTime() + NODE_LIMIT.toNanos();
        while (true) {
            try {
                return PosixFile.open(node, OpenFlag.READ, OpenFlag.WRITE);
            } catch (PosixException e) {
                boolean early = e.errno() == Errno.ENOENT || e.errno() == Errno.EACCES;
                if (!early || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    private static void undo(
            UblkControl control,
            DeviceInfo device,
            @Nullable PosixFile character,
            Throwable cause) {
        try {
            control.stop(device, START_LIMIT);
            if (character != null) {
                character.close();
            }
            control.delete(device, START_LIMIT);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static DeviceInfo awaitDead(UblkControl control, int id) throws IOException {
        long deadline = System.nanoTime() + DYING_LIMIT.toNanos();
        while (true) {
            DeviceInfo device = control.info(id);
            if (device.state() == DeviceState.QUIESCED || device.state() == DeviceState.FAIL_IO) {
                return device;
            }
            if (device.state() == DeviceState.DEAD || System.nanoTime() > deadline) {
                throw new PosixException(
                        "recover", Errno.EBUSY, "device " + id + " is " + device.state());
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    private static void startRecovery(UblkControl control, DeviceInfo device) throws IOException {
        long deadline = System.nanoTime() + DYING_LIMIT.toNanos();
        while (true) {
            try {
                control.startRecovery(device);
                return;
            } catch (PosixException e) {
                // The dying process still has the character device.
                if (e.errno() != Errno.EBUSY || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    public DeviceInfo device() {
        return device;
    }

    /**
     * Serves until the device is stopped, by {@link #stop} or by anybody else, and deletes it.
     *
     * @throws IOException when a queue broke: the device is left for recovery, the caller should
     *     end the process so that the driver sees its server gone
     */
    public void awaitEnd() throws IOException, InterruptedException {
        Throwable broken = queues.awaitEnd();
        if (broken != null) {
            throw new IOException("a queue broke: " + broken, broken);
        }
        delete();
    }

    /** Stops the device; what its users had written goes through the server first. */
    public void stop() throws IOException {
        control.stop(device, STOP_LIMIT);
    }

    private synchronized void delete() throws IOException {
        if (deleted) {
            return;
        }
        deleted = true;
        character.close();
        target.close();
        try {
            control.delete(device, START_LIMIT);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENODEV) { // who stopped it has deleted it
                throw e;
            }
        }
        events.note("deleted device=" + device.id());
    }

    /** Stops, waits for the queues, deletes. Idempotent. */
    @Override
    public void close() throws IOException {
        try {
            if (!queues.awaitEnd(Duration.ZERO)) {
                stop();
            }
            if (!queues.awaitEnd(STOP_LIMIT)) {
                throw new IOException("the queues did not end in " + STOP_LIMIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while stopping device " + device.id(), e);
        }
        delete();
    }

    /** Whether the node that others use is there. */
    public boolean isVisible() {
        return Files.exists(device.blockNode());
    }
}

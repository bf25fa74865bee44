package io.arcfs.cli.daemon;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.ControlServer;
import io.arcfs.cli.control.HandOverSocket;
import io.arcfs.cli.control.Progress;
import io.arcfs.cli.metrics.MetricsServer;
import io.arcfs.cli.metrics.VolumeMetrics;
import io.arcfs.cli.recall.RecallCauses;
import io.arcfs.cli.status.MountState;
import io.arcfs.cli.status.StatusSnapshot;
import io.arcfs.fuse.HandOver;
import io.arcfs.fuse.Mount;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.kernel.NativeTransport;
import io.arcfs.recovery.Volume;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mounted volume and its control socket, from the first answered request to the last.
 *
 * <p>It ends in one of three ways: a request of {@code arc umount}, a signal, or somebody else's
 * unmount; whichever comes first, {@link #finish} runs once. Thread-safe.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private static final Duration SERVE_LIMIT = Duration.ofSeconds(60);

    private final MountSlot slot;
    private final Volume volume;
    private final Mount mount;
    private final MetricsServer metrics;
    private final VolumeOperations operations;
    private final ServiceManager manager;
    private boolean finished;

    private Daemon(
            MountSlot slot,
            Volume volume,
            Mount mount,
            MetricsServer metrics,
            ServiceManager manager) {
        this.slot = slot;
        this.volume = volume;
        this.mount = mount;
        this.metrics = metrics;
        this.manager = manager;
        RecallCauses causes = new RecallCauses(volume.descriptor().recall().refuse());
        volume.overlay().guardRecalls(causes);
        this.operations = new VolumeOperations(volume, this::state, causes);
    }

    private MountState state() {
        return new MountState(
                mount.mountpoint().toString(),
                ProcessHandle.current().pid(),
                mount.transport(),
                onOrOff(mount.passthroughOff()),
                onOrOff(mount.ioUringOff()));
    }

    private static String onOrOff(Optional<String> offBecause) {
        return offBecause.map(why -> "off: " + why).orElse("on");
    }

    /** Opens the volume, mounts it and waits until it answers. */
    public static Daemon start(MountPlan plan, ServiceManager manager)
            throws CommandFailure, IOException, MountException, InterruptedException {
        VolumeLog.start(plan.volume());
        Volume volume = Volume.open(plan.volume().directory());
        MetricsServer metrics = null;
        MountSlot slot = null;
        Mount mount = null;
        try {
            metrics = MetricsServer.bind(volume.descriptor().metrics().listen());
            slot = MountSlot.take(volume.descriptor().limits().maxMounts());
            mount =
                    Transports.of(plan.options().transport())
                            .mount(
                                    volume.overlay().fileSystem(),
                                    plan.mountpoint(),
                                    plan.options());
            mount.awaitServing(SERVE_LIMIT);
            return new Daemon(slot, volume, mount, metrics, manager);
        } catch (CommandFailure
                | IOException
                | MountException
                | InterruptedException
                | RuntimeException
                | Error e) {
            LOG.error("mount failed reason={}", e.toString());
            if (mount != null) {
                mount.close();
            }
            if (slot != null) {
                slot.close();
            }
            if (metrics != null) {
                metrics.close();
            }
            volume.close();
            throw e;
        }
    }

    /** Takes a mount over from the process that serves it now. */
    public static Daemon takeOver(MountPlan plan, ServiceManager manager)
            throws CommandFailure, IOException, MountException, InterruptedException {
        VolumeLog.start(plan.volume());
        return resume(plan, TakeOver.ask(plan.volume()), manager);
    }

    /** Serves the mount on that a predecessor left with the service manager. */
    public static Daemon fromStore(MountPlan plan, ServiceManager manager)
            throws CommandFailure, IOException, MountException, InterruptedException {
        VolumeLog.start(plan.volume());
        HandOver handOver =
                manager.take()
                        .orElseThrow(() -> new IOException("the descriptor store has no mount"));
        return resume(plan, handOver, manager);
    }

    private static Daemon resume(MountPlan plan, HandOver handOver, ServiceManager manager)
            throws CommandFailure, IOException, MountException, InterruptedException {
        Volume volume = null;
        MetricsServer metrics = null;
        MountSlot slot = null;
        try {
            volume = Volume.open(plan.volume().directory());
            metrics = MetricsServer.bind(volume.descriptor().metrics().listen());
            slot = MountSlot.take(volume.descriptor().limits().maxMounts());
            Mount mount =
                    new NativeTransport()
                            .resume(volume.overlay().fileSystem(), plan.mountpoint(), handOver);
            mount.awaitServing(SERVE_LIMIT);
            return new Daemon(slot, volume, mount, metrics, manager);
        } catch (CommandFailure
                | IOException
                | MountException
                | InterruptedException
                | RuntimeException
                | Error e) {
            LOG.error("take-over failed reason={}", e.toString());
            if (slot != null) {
                slot.close();
            }
            if (metrics != null) {
                metrics.close();
            }
            if (volume != null) {
                volume.close();
            }
            throw e;
        }
    }

    /** What is done once the mount answers. */
    @FunctionalInterface
    public interface OnServing {
        void run() throws IOException;
    }

    /** As {@link #serve}, in a process that somebody waits for ({@link Detachment}). */
    public void serveDetached(String said) throws IOException, InterruptedException {
        serve(() -> Detachment.serving(said, volume.layout()));
    }

    /**
     * Serves until the mount has ended, whoever ends it; then everything is durable and closed.
     *
     * @throws IOException also if {@code onServing} does; the mount is there until this is closed
     */
    public void serve(OnServing onServing) throws IOException, InterruptedException {
        try (ControlServer _ = ControlServer.start(volume.layout(), this::handle)) {
            StatusSnapshot.keep(volume, state(), StatusSnapshot.Moment.OPEN);
            if (metrics.isOn()) {
                mount.measure();
                metrics.serve(this::metrics);
                LOG.info("metrics served address={}", volume.descriptor().metrics().listen());
            }
            Thread hook = new Thread(this::stopBySignal, "stop");
            Runtime.getRuntime().addShutdownHook(hook);
            LOG.info("mounted mountpoint={} transport={}", mount.mountpoint(), mount.transport());
            onServing.run();
            manager.ready("serving " + mount.mountpoint());
            mount.awaitUnmounted();
            finish();
            forget(hook);
        }
    }

    private MetricSnapshots metrics() throws IOException {
        return VolumeMetrics.of(
                operations.status(), mount.operationTimes(), operations.recallsByCommand());
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("a signal came while the mount ended");
        }
    }

    private ObjectNode handle(ControlRequest request, Progress progress) throws Exception {
        return switch (request) {
            case ControlRequest.Unmount _ -> unmount();
            case ControlRequest.HandOver handOver -> handOver(handOver.socket());
            default -> operations.handle(request, progress);
        };
    }

    private ObjectNode unmount() throws CommandFailure, IOException {
        try {
            mount.unmount();
        } catch (MountException e) {
            throw CommandFailure.ofLine(
                    String.valueOf(e.getMessage()), "leave or close it there, then try again", e);
        }
        finish();
        return JsonNodeFactory.instance.objectNode();
    }

    /** The successor gets the mount when nothing of the volume is open here any more. */
    private ObjectNode handOver(Path socket)
            throws CommandFailure, IOException, InterruptedException {
        HandOver handOver;
        try {
            handOver = mount.handOver();
        } catch (MountException e) {
            throw CommandFailure.ofLine(
                    String.valueOf(e.getMessage()), "unmount and mount again", e);
        }
        LOG.info("handing over mountpoint={}", mount.mountpoint());
        try {
            finish();
            HandOverSocket.send(socket, handOver);
        } finally {
            mount.letGo();
        }
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * TERM, INT and HUP: the mount goes now, cleanly if nobody uses it, and the exit code is 0.
     * With a service manager that keeps descriptors it stays, for the next process of the service.
     */
    private void stopBySignal() {
        manager.stopping();
        LOG.info("stopping by signal");
        int exitCode = 0;
        try {
            if (!manager.stores() || !mount.isServing() || !leftInStore()) {
                mount.close();
                finish();
            }
        } catch (IOException e) {
            LOG.error("stop failed", e);
            exitCode = 1;
        }
        // Without this the JVM ends with 128 + the signal.
        Runtime.getRuntime().halt(exitCode);
    }

    /** Returns whether the mount is with the service manager. */
    private boolean leftInStore() throws IOException {
        HandOver handOver;
        try {
            handOver = mount.handOver();
        } catch (MountException | InterruptedException e) {
            LOG.warn("the mount is not kept reason={}", e.getMessage());
            return false;
        }
        finish();
        manager.put(handOver, volume.layout().directory());
        LOG.info("left with the service manager mountpoint={}", mount.mountpoint());
        mount.letGo();
        return true;
    }

    /** Makes everything durable and gives the volume free. Idempotent; returns when it is done. */
    private synchronized void finish() throws IOException {
        if (finished) {
            return;
        }
        finished = true;
        StatusSnapshot.keep(volume, MountState.IDLE, StatusSnapshot.Moment.CLOSED);
        try (MountSlot _ = slot;
                MetricsServer _ = metrics) {
            volume.close();
        }
    }

    @Override
    public void close() throws IOException {
        mount.close();
        finish();
    }
}

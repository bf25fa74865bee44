package io.arcfs.cli.device;

import io.arcfs.cli.CommandFailure;
import io.arcfs.posix.PosixException;
import io.arcfs.ublk.DeviceInfo;
import io.arcfs.ublk.ServerEvents;
import io.arcfs.ublk.ServerOptions;
import io.arcfs.ublk.ServerProcess;
import io.arcfs.ublk.UblkControl;
import io.arcfs.ublk.UblkServer;
import io.arcfs.ublk.UblkTarget;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a server process does: makes or takes over one device and serves it until it is stopped, by
 * {@code arc device stop} or a signal. Confined to the main thread, but for the signal's.
 */
public final class DeviceServer {
    private static final int RECOVER_EXIT_CODE = 1;

    private final DeviceRegistry registry;
    private final ServerEvents events;

    /** Never closed: the right to serve ends with the process. */
    @SuppressWarnings("unused") // kept from the collector, which would close it
    private @Nullable FileChannel heldLock;

    public DeviceServer(DeviceRegistry registry, ServerEvents events) {
        this.registry = registry;
        this.events = events;
    }

    /**
     * Serves a new device.
     *
     * @param wanted what to note of it; its id and pid are filled in
     * @param onLive told the device when it can be used
     */
    public void serveNew(DeviceRecord wanted, ServerOptions options, Consumer<DeviceInfo> onLive)
            throws CommandFailure, IOException, InterruptedException {
        disciplineMemory();
        Backing.requireFree(registry, wanted);
        try (UblkControl control = UblkControl.open();
                UblkTarget target = Backing.open(wanted, requestsOf(options))) {
            UblkServer server =
                    UblkServer.start(control, options, target, d -> note(wanted, d), events);
            export(target, server);
            serve(server, onLive);
        } catch (PosixException e) {
            throw told(e, options);
        }
    }

    /** Serves a device whose server has died. */
    public void serveAgain(int id, Consumer<DeviceInfo> onLive)
            throws CommandFailure, IOException, InterruptedException {
        disciplineMemory();
        DeviceRecord known =
                registry.get(id)
                        .orElseThrow(() ->
                                new CommandFailure(
                                        "/dev/ublkb" + id,
                                        "not a device of arcfs, or not this user's",
                                        "recover it with the server that made it"));
        try (UblkControl control = UblkControl.open()) {
            DeviceInfo device = control.info(id);
            requireNoServer(id);
            ServerOptions options =
                    new ServerOptions(
                            id,
                            device.queues(),
                            device.depth(),
                            device.maxRequestBytes(),
                            known.path(),
                            ServerOptions.Privilege.PRIVILEGED);
            try (UblkTarget target = Backing.open(known, requestsOf(options))) {
                Backing.requireFit(control, device, target, known);
                registry.put(known.servedBy(id, ProcessHandle.current().pid()));
                UblkServer server = UblkServer.recover(control, id, known.path(), target, events);
                export(target, server);
                serve(server, onLive);
            }
        }
    }

    /** The other half of a volume's export: what cannot be said by reading and writing. */
    private static void export(UblkTarget target, UblkServer server) throws IOException {
        if (target instanceof VolumeTarget volume) {
            try {
                volume.export(server.device().blockNode().toString());
            } catch (IOException e) {
                server.close();
                throw e;
            }
        }
    }

    private void serve(UblkServer server, Consumer<DeviceInfo> onLive)
            throws IOException, InterruptedException {
        int id = server.device().id();
        Thread hook = new Thread(() -> stopBySignal(server), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        onLive.accept(server.device());
        try {
            server.awaitEnd();
        } catch (IOException e) {
            events.error("serving ended device=" + id, e);
            // Without the hook, which would stop the device: it is to be recovered.
            Runtime.getRuntime().halt(RECOVER_EXIT_CODE);
        }
        registry.remove(id);
    }

    /** TERM, INT and HUP: stops the device, after what its users wrote has gone through. */
    private void stopBySignal(UblkServer server) {
        int exitCode = 0;
        try {
            server.close();
            registry.remove(server.device().id());
        } catch (IOException e) {
            events.error("stop failed", e);
            exitCode = 1;
        }
        Runtime.getRuntime().halt(exitCode);
    }

    private void note(DeviceRecord wanted, DeviceInfo device) throws IOException {
        requireLock(device.id());
        registry.put(wanted.servedBy(device.id(), ProcessHandle.current().pid()));
    }

    private void requireLock(int id) throws IOException {
        heldLock = registry.lock(id).orElse(null);
        if (heldLock == null) {
            throw new IOException("another process serves device " + id);
        }
    }

    private void requireNoServer(int id) throws CommandFailure, IOException {
        heldLock = registry.lock(id).orElse(null);
        if (heldLock == null) {
            throw new CommandFailure(
                    "/dev/ublkb" + id,
                    "another process serves it",
                    "stop it with: arc device stop /dev/ublkb" + id);
        }
    }

    private static int requestsOf(ServerOptions options) {
        return Math.max(1, options.queues()) * options.depth();
    }

    private void disciplineMemory() {
        if (!ServerProcess.isFlusher()) {
            events.note(
                    "not an I/O flusher (no CAP_SYS_RESOURCE): short memory may stall the device");
        }
        try {
            ServerProcess.lockMemory();
        } catch (PosixException e) {
            events.note("memory is not locked: " + e.getMessage());
        }
    }

    public static CommandFailure idTaken(int id, @Nullable Throwable cause) {
        return new CommandFailure(
                "/dev/ublkb" + id, "this id is taken", "choose another with --id, or none", cause);
    }

    private static CommandFailure told(PosixException e, ServerOptions options) {
        String what = options.id() >= 0 ? "/dev/ublkb" + options.id() : "device";
        return switch (e.errno()) {
            case EEXIST -> idTaken(options.id(), e);
            case EPERM, EACCES ->
                    new CommandFailure(
                            what,
                            "no permission to make a device",
                            "be root, or use --unprivileged where the control node is open",
                            e);
            case EOPNOTSUPP ->
                    new CommandFailure(
                            what, String.valueOf(e.getMessage()), "use a newer kernel", e);
            default ->
                    new CommandFailure(
                            what, String.valueOf(e.getMessage()), "see the kernel's log", e);
        };
    }
}

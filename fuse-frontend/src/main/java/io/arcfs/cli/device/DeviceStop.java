package io.arcfs.cli.device;

import io.arcfs.cli.CommandFailure;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.recovery.SafeText;
import io.arcfs.ublk.DeviceInfo;
import io.arcfs.ublk.UblkControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Takes devices away: in order, or what a crash left. Stateless. */
public final class DeviceStop {
    private static final Duration STOP_LIMIT = Duration.ofMinutes(5);
    private static final Duration DELETE_LIMIT = Duration.ofSeconds(60);
    private static final long LOOK_NANOS = 50_000_000;

    private DeviceStop() {}

    /** Stops a device, whatever its server does; what users wrote goes through the server first. */
    public static void stop(UblkControl control, DeviceRegistry registry, DeviceStatus status)
            throws IOException {
        DeviceInfo device = status.device();
        Optional<ProcessHandle> server = status.server().flatMap(ProcessHandle::of);
        try {
            control.stop(device, STOP_LIMIT);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENODEV) { // somebody else was faster
                throw e;
            }
        }
        // The server sees its queues end, deletes the device and goes.
        long deadline = System.nanoTime() + DELETE_LIMIT.toNanos();
        while (server.map(ProcessHandle::isAlive).orElse(false) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        delete(control, registry, device);
    }

    /** Deletes a device that nobody serves; fine if it is gone. */
    public static void delete(UblkControl control, DeviceRegistry registry, DeviceInfo device)
            throws IOException {
        if (!DeviceStatus.isGone(control, device.id())) {
            try {
                control.delete(device, DELETE_LIMIT);
            } catch (PosixException e) {
                if (e.errno() != Errno.ENODEV) {
                    throw e;
                }
            }
        }
        registry.remove(device.id());
    }

    /** Refuses a device that a file system is mounted from: its data would be cut off. */
    public static void requireUnmounted(DeviceInfo device) throws CommandFailure, IOException {
        String node = device.blockNode().toString();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            // 36 35 98:0 /root /mountpoint options - type source superoptions
            String[] halves = line.split(" - ", 2);
            String[] behind = halves.length == 2 ? halves[1].split(" ") : new String[0];
            if (behind.length >= 2 && (behind[1].equals(node) || behind[behind.length - 1].contains("device=" + node))) {
                throw new CommandFailure(
                        node,
                        "is mounted at " + SafeText.of(line.split(" ")[4]),
                        "unmount it first, or use --force and lose what is not written");
            }
        }
    }
}

package io.arcfs.cli.device;

import io.arcfs.cli.CommandFailure;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import io.arcfs.ublk.DeviceInfo;
import io.arcfs.ublk.UblkControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

    /** Refuses a device that a file system or a volume is used from: its data would be cut off. */
    public static void requireUnused(DeviceStatus status) throws CommandFailure, IOException {
        String node = status.device().blockNode().toString();
        DeviceRecord known = status.known();
        if (known != null && known.target().equals("volume") && known.backing() != null) {
            OptionalLong user = VolumeLock.holder(new VolumeLayout(Path.of(known.backing())));
            if (user.isPresent()) {
                throw new CommandFailure(
                        node,
                        "its volume is open by pid " + user.getAsLong(),
                        "unmount it first, or use --force and lose what is not written");
            }
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            // 36 35 98:0 /root /mountpoint options - type source superoptions
            String[] halves = line.split(" - ", 2);
            String[] behind = halves.length == 2 ? halves[1].split(" ") : new String[0];
            boolean source = behind.length >= 2 && behind[1].equals(node);
            boolean option =
                    behind.length >= 3
                            && List.of(behind[2].split(",", -1)).contains("device=" + node);
            if (source || option) {
                throw new CommandFailure(
                        node,
                        "is mounted at " + SafeText.of(line.split(" ")[4]),
                        "unmount it first, or use --force and lose what is not written");
            }
        }
    }
}

package io.arcfs.cli.device;

import io.arcfs.cli.CommandFailure;
import io.arcfs.posix.PosixException;
import io.arcfs.recovery.SafeText;
import io.arcfs.ublk.BackingException;
import io.arcfs.ublk.DeviceInfo;
import io.arcfs.ublk.LoopTarget;
import io.arcfs.ublk.NullTarget;
import io.arcfs.ublk.UblkControl;
import io.arcfs.ublk.UblkTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is behind a device. Looked at by the command, which says at once what cannot be, and by the
 * server, whose word counts. Stateless.
 */
public final class Backing {
    private Backing() {}

    /** Refuses what cannot be served, as far as it can be told without serving it. */
    public static void check(DeviceRegistry registry, DeviceRecord wanted)
            throws CommandFailure, IOException {
        requireFree(registry, wanted);
        if (wanted.target().equals("loop")) {
            open(wanted, 1).close();
        }
    }

    /** Refuses to serve a device again whose file has gone or was cut meanwhile. */
    public static void checkAgain(UblkControl control, DeviceInfo device, DeviceRecord known)
            throws CommandFailure, IOException {
        if (known.target().equals("loop")) {
            try (UblkTarget target = open(known, 1)) {
                requireFit(control, device, target, known);
            }
        }
    }

    /** A backing that was cut would give errors where the device's users have their data. */
    static void requireFit(
            UblkControl control, DeviceInfo device, UblkTarget target, DeviceRecord known)
            throws CommandFailure, IOException {
        long needed = control.parameters(device).sizeBytes();
        long there = target.parameters(device.maxRequestBytes()).sizeBytes();
        if (there < needed) {
            throw new CommandFailure(
                    SafeText.of(String.valueOf(known.backing())),
                    "has " + there + " bytes, too small for the " + needed + " of its device",
                    "restore it, or give the device up: arc device del /dev/ublkb" + device.id());
        }
    }

    /** One file as two devices would have two ideas of what is durable. */
    static void requireFree(DeviceRegistry registry, DeviceRecord wanted)
            throws CommandFailure, IOException {
        if (wanted.backing() == null) {
            return;
        }
        for (DeviceRecord other : registry.all()) {
            if (wanted.backing().equals(other.backing())
                    && wanted.target().equals(other.target())
                    && Files.exists(DeviceInfo.characterNode(other.id()))) {
                throw new CommandFailure(
                        SafeText.of(wanted.backing()),
                        "is served already as /dev/ublkb" + other.id(),
                        "use that, or stop it with: arc device stop /dev/ublkb" + other.id());
            }
        }
    }

    /**
     * @param requests how many requests can be out at once
     */
    static UblkTarget open(DeviceRecord device, int requests) throws CommandFailure, IOException {
        String backing = device.backing();
        if (backing == null) {
            return new NullTarget(device.sizeBytes());
        }
        try {
            return switch (device.target()) {
                case "loop" -> LoopTarget.open(Path.of(backing));
                case "volume" -> VolumeTarget.open(Path.of(backing), requests);
                default ->
                        throw new CommandFailure(
                                "device", "unknown target " + device.target(), "update arcfs");
            };
        } catch (BackingException e) {
            throw new CommandFailure(
                    SafeText.of(backing), e.problem(), "name a file or block device that fits", e);
        } catch (PosixException e) {
            throw new CommandFailure(
                    SafeText.of(backing), e.errno().description(), "check the path", e);
        }
    }
}

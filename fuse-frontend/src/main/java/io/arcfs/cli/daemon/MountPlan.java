package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.fuse.MountCheck;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeInUseException;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A mount that has been found possible. Everything is checked before anything is changed; only dead
 * mounts of the same volume, or at the same directory, are taken off on the way. Immutable.
 *
 * @param mountpoint absolute, without symbolic links
 */
public record MountPlan(VolumeLayout volume, Path mountpoint, MountOptions options) {

    public static MountPlan check(
            String volumeArgument, String mountpointArgument, MountOptions options)
            throws CommandFailure, IOException, MountException, InterruptedException {
        VolumeLayout volume = volumeOf(volumeArgument);
        requireUnused(volume);
        Path mountpoint = Path.of(mountpointArgument);
        if (Files.isDirectory(mountpoint)) {
            requireApart(volume, mountpoint.toRealPath());
        }
        removeDeadMounts(volume, mountpoint);
        Path real = MountCheck.check(mountpoint, options);
        return new MountPlan(volume, real, options.withFsName(volume.directory().toString()));
    }

    /** A take-over: the volume is mounted there, and a process serves it. */
    public static MountPlan checkTakeOver(
            String volumeArgument, String mountpointArgument, MountOptions options)
            throws CommandFailure, IOException {
        VolumeLayout volume = volumeOf(volumeArgument);
        String source = volume.directory().toString();
        Optional<MountTable.Entry> mount = mountOf(volume, mountpointArgument);
        if (mount.isEmpty()) {
            throw new CommandFailure(
                    SafeText.of(mountpointArgument),
                    SafeText.of(source) + " is not mounted there",
                    "mount it without --takeover");
        }
        if (VolumeLock.holder(volume).isEmpty()) {
            throw new CommandFailure(
                    SafeText.of(source),
                    "no process serves it any more",
                    "mount it without --takeover, which repairs the mountpoint");
        }
        return new MountPlan(volume, Path.of(mount.get().mountpoint()), options);
    }

    /** A mount whose server ended and left it with the service manager; empty if it is gone. */
    public static Optional<MountPlan> checkStored(
            String volumeArgument, String mountpointArgument, MountOptions options)
            throws CommandFailure, IOException {
        VolumeLayout volume = volumeOf(volumeArgument);
        requireUnused(volume);
        Optional<MountTable.Entry> mount = mountOf(volume, mountpointArgument);
        return mount.map(found -> new MountPlan(volume, Path.of(found.mountpoint()), options));
    }

    private static Optional<MountTable.Entry> mountOf(VolumeLayout volume, String mountpoint)
            throws IOException {
        String source = volume.directory().toString();
        return Target.mountAt(Path.of(mountpoint), MountTable.now())
                .filter(entry -> entry.source().equals(source));
    }

    private static VolumeLayout volumeOf(String argument) throws CommandFailure, IOException {
        try {
            return Volume.checked(Path.of(argument));
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    SafeText.of(argument),
                    "no such directory",
                    "make the volume first: arc mkfs " + SafeText.of(argument),
                    e);
        }
    }

    /** The lock decides; this is for a refusal before anything else is touched. */
    private static void requireUnused(VolumeLayout volume) throws VolumeInUseException {
        OptionalLong holder = VolumeLock.holder(volume);
        if (holder.isPresent()) {
            throw VolumeInUseException.by(volume, holder.getAsLong());
        }
    }

    private static void removeDeadMounts(VolumeLayout volume, Path mountpoint)
            throws CommandFailure, IOException, InterruptedException {
        for (Optional<MountTable.Entry> dead = deadMount(volume, mountpoint);
                dead.isPresent();
                dead = deadMount(volume, mountpoint)) {
            DeadMounts.detach(dead.get());
        }
    }

    private static Optional<MountTable.Entry> deadMount(VolumeLayout volume, Path mountpoint)
            throws IOException {
        MountTable table = MountTable.now();
        Optional<MountTable.Entry> ofVolume =
                Target.mountOf(volume, table).filter(DeadMounts::isDead);
        if (ofVolume.isPresent()) {
            return ofVolume;
        }
        return Target.mountAt(mountpoint, table).filter(DeadMounts::isDead);
    }

    private static void requireApart(VolumeLayout volume, Path mountpoint)
            throws CommandFailure, IOException {
        if (mountpoint.startsWith(volume.directory())) {
            throw new CommandFailure(
                    SafeText.of(mountpoint),
                    "is inside the volume directory",
                    "choose a mountpoint outside of " + SafeText.of(volume.directory()));
        }
        if (volume.directory().startsWith(mountpoint)) {
            throw new CommandFailure(
                    SafeText.of(mountpoint),
                    "the volume directory is inside it and would be hidden by the mount",
                    "choose another mountpoint");
        }
        for (ColdSpec spec : DescriptorFile.read(volume.descriptor()).descriptor().cold()) {
            ColdSpec resolved = spec.resolveIn(volume.directory());
            Path place =
                    Files.exists(resolved.path()) ? resolved.path().toRealPath() : resolved.path();
            if (place.startsWith(mountpoint)) {
                throw new CommandFailure(
                        SafeText.of(mountpoint),
                        "the cold medium " + SafeText.of(resolved.toString()) + " is inside it",
                        "choose another mountpoint");
            }
        }
    }
}

package io.arcfs.cli.verb;

import io.arcfs.cli.daemon.DeadMounts;
import io.arcfs.cli.daemon.MountPlan;
import io.arcfs.cli.daemon.Target;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import io.arcfs.recovery.VolumeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc up}: from nothing to a mounted directory. Twice is success. */
@Command(name = "up", description = "Make the default volume if there is none, and mount it.")
final class UpVerb extends Verb {
    @Parameters(
            paramLabel = "MOUNTPOINT",
            arity = "0..1",
            description = "default ~/Archive; made if it does not exist")
    @Nullable String mountpoint;

    @Override
    void run() throws Exception {
        Path volume = defaultVolume();
        Path place = mountpoint == null ? home().resolve("Archive") : Path.of(mountpoint);
        if (mountpoint != null && mountpoint.isEmpty()) {
            throw wrongArguments("MOUNTPOINT may not be empty");
        }
        boolean isNew = !Files.exists(volume, LinkOption.NOFOLLOW_LINKS);
        if (!isNew && alreadyUp(volume, place)) {
            return;
        }
        refuseWhatIsNoDirectory(place);
        if (isNew) {
            makePrivateDirectories(parentOf(volume));
            MkfsVerb.make(volume, VolumeSettings.DEFAULT);
        }
        boolean madePlace = makeMountpoint(place);
        try {
            MountPlan plan =
                    MountPlan.check(volume.toString(), place.toString(), MountOptions.DEFAULT);
            MountVerb.mountDetached(plan, List.of(), false);
        } catch (Exception e) {
            if (madePlace) {
                Files.deleteIfExists(place);
            }
            throw e;
        }
        tell("mounted", volume, place);
    }

    /** Mounted at the asked place and served: nothing to do. Mounted elsewhere: a refusal. */
    private boolean alreadyUp(Path volume, Path place) throws Exception {
        VolumeLayout layout = Volume.checked(volume);
        Optional<MountTable.Entry> mount = Target.mountOf(layout, MountTable.now());
        if (mount.isEmpty() || VolumeLock.holder(layout).isEmpty()) {
            return false;
        }
        if (DeadMounts.isDead(mount.get())) {
            return false;
        }
        Path where = Path.of(mount.get().mountpoint());
        Optional<MountTable.Entry> asked = Target.mountAt(place, MountTable.now());
        if (asked.isPresent() && asked.get().mountpoint().equals(mount.get().mountpoint())) {
            tell("already mounted", volume, where);
            return true;
        }
        if (mountpoint == null) {
            tell("already mounted", volume, where);
            return true;
        }
        throw failure(
                SafeText.of(place),
                "your archive is mounted at " + SafeText.of(where),
                "use it there, or run first: " + arc() + " umount " + SafeText.of(where));
    }

    private void tell(String how, Path volume, Path place) {
        String shown = SafeText.of(place.toAbsolutePath().normalize());
        say("Your archive is " + how + " at " + shown);
        say("  kept in " + SafeText.of(volume));
        say("Try next:");
        say("  cp -a SOMETHING " + shown + "/     copy files in");
        say("  " + arc() + " status " + shown + "     see what became of them");
        say("  " + arc() + " archive " + shown + "    archive what is new");
        say("  " + arc() + " umount " + shown + "     put it away");
    }

    private static void refuseWhatIsNoDirectory(Path place) throws Exception {
        boolean mounted = Target.mountAt(place, MountTable.now()).isPresent();
        if (!mounted
                && Files.exists(place, LinkOption.NOFOLLOW_LINKS)
                && !Files.isDirectory(place)) {
            throw failure(
                    SafeText.of(place), "is not a directory", "name a directory or a new name");
        }
    }

    private static boolean makeMountpoint(Path place) throws Exception {
        if (Target.mountAt(place, MountTable.now()).isPresent() || Files.exists(place)) {
            return false;
        }
        Path parent = parentOf(place.toAbsolutePath().normalize());
        Files.createDirectories(parent);
        Files.createDirectory(place);
        return true;
    }

    private static void makePrivateDirectories(Path directory) throws IOException {
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static Path parentOf(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IOException("no directory holds " + path);
        }
        return parent;
    }

    /** $XDG_DATA_HOME/arcfs/default; a relative XDG_DATA_HOME is ignored, as its standard says. */
    private static Path defaultVolume() {
        String data = System.getenv("XDG_DATA_HOME");
        Path base =
                data != null && data.startsWith("/")
                        ? Path.of(data)
                        : home().resolve(".local/share");
        return base.resolve("arcfs").resolve("default");
    }

    private static Path home() {
        String home = System.getenv("HOME");
        return Path.of(
                home != null && home.startsWith("/") ? home : System.getProperty("user.home"));
    }
}

package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.control.ControlClient;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.DeadMounts;
import io.arcfs.cli.daemon.Target;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc umount}: ends a mount cleanly. Not mounted already is success. */
@Command(
        name = "umount",
        description = "Unmount cleanly: waits for open requests; says who keeps it busy.")
final class UmountVerb extends Verb {
    @Parameters(paramLabel = "TARGET", description = "volume directory or mountpoint")
    String target = "";

    @Override
    void run() throws Exception {
        if (isPlainDirectory()) {
            say("not mounted: " + SafeText.of(target));
            return;
        }
        Target found = Target.of(target);
        MountTable.Entry mount = found.mount();
        if (mount == null && VolumeLock.holder(found.volume()).isEmpty()) {
            say("not mounted: " + SafeText.of(target));
            return;
        }
        Optional<ControlClient> daemon = ControlClient.connect(found.volume());
        if (daemon.isPresent()) {
            try (ControlClient client = daemon.get()) {
                client.call(new ControlRequest.Unmount(), progress());
            }
        } else {
            withoutDaemon(found, mount);
        }
        say("unmounted " + SafeText.of(mount == null ? target : mount.mountpoint()));
    }

    private void withoutDaemon(
            Target found, MountTable.@org.jspecify.annotations.Nullable Entry mount)
            throws Exception {
        var holder = VolumeLock.holder(found.volume());
        if (holder.isPresent()) {
            throw new CommandFailure(
                    SafeText.of(found.volume().directory()),
                    "open by pid " + holder.getAsLong() + ", which does not listen",
                    "wait for it, or end it with: kill " + holder.getAsLong());
        }
        if (mount != null && DeadMounts.isDead(mount)) {
            DeadMounts.detach(mount);
        }
    }

    /** Somewhere a volume could be mounted but is not: umount twice is no failure. */
    private boolean isPlainDirectory() throws Exception {
        if (target.isEmpty()) {
            return false;
        }
        Path path = Path.of(target);
        MountTable table = MountTable.now();
        return Target.mountAt(path, table).isEmpty()
                && Files.isDirectory(path)
                && table.at(path.toRealPath()).isEmpty()
                && !Files.exists(new VolumeLayout(path).descriptor());
    }
}

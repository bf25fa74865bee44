package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.daemon.Daemon;
import io.arcfs.cli.daemon.DaemonProcess;
import io.arcfs.cli.daemon.Detachment;
import io.arcfs.cli.daemon.MountPlan;
import io.arcfs.cli.daemon.ServiceManager;
import io.arcfs.cli.daemon.Target;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.MountTable;
import io.arcfs.fuse.UnknownMountOptionException;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeInUseException;
import io.arcfs.recovery.VolumeLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc mount}: recovers and mounts a volume, by default through a daemon of its own. */
@Command(name = "mount", description = "Mount a volume; returns when the mount serves requests.")
final class MountVerb extends Verb {
    @Parameters(index = "0", paramLabel = "VOLUME", description = "directory of the volume")
    String volume = "";

    @Parameters(index = "1", paramLabel = "MOUNTPOINT", description = "an empty directory")
    String mountpoint = "";

    @Option(
            names = "-o",
            paramLabel = "OPTS",
            description =
                    "allow_other, dev, suid, exec, acl, io_uring and their opposites, ro,"
                            + " fuse=auto|native|jnr; separated by commas")
    List<String> options = new ArrayList<>();

    @Option(
            names = "--foreground",
            description =
                    "this process is the daemon: prints 'mounted', unmounts on SIGTERM or Ctrl-C")
    boolean foreground;

    @Option(
            names = "--takeover",
            description =
                    "take a mounted volume over from the process that serves it; what programs"
                            + " have open there stays open")
    boolean takeOver;

    @Override
    void run() throws Exception {
        if (volume.isEmpty() || mountpoint.isEmpty()) {
            throw wrongArguments("VOLUME and MOUNTPOINT may not be empty");
        }
        ServiceManager manager = ServiceManager.of(System.getenv(), ProcessHandle.current().pid());
        if (foreground) {
            try (Daemon daemon = foregroundDaemon(manager)) {
                daemon.serve(this::printMounted);
            }
            return;
        }
        MountPlan plan = plan();
        String done =
                (takeOver ? "took over " : "mounted ")
                        + SafeText.of(plan.volume().directory())
                        + " at "
                        + SafeText.of(plan.mountpoint());
        if (Detachment.isAsked()) {
            try (Daemon daemon = daemon(plan, manager)) {
                daemon.serveDetached(common.quiet ? "" : done);
            }
        } else {
            mountDetached(plan, options, takeOver);
            say(done);
        }
    }

    private Daemon foregroundDaemon(ServiceManager manager) throws Exception {
        if (manager.hasMount()) {
            Optional<MountPlan> stored = MountPlan.checkStored(volume, mountpoint, parsedOptions());
            if (stored.isPresent()) {
                return Daemon.fromStore(stored.get(), manager);
            }
            manager.dismiss();
        }
        return daemon(plan(), manager);
    }

    private Daemon daemon(MountPlan plan, ServiceManager manager) throws Exception {
        return takeOver ? Daemon.takeOver(plan, manager) : Daemon.start(plan, manager);
    }

    private MountOptions parsedOptions() throws Exception {
        try {
            return MountOptions.parse(options);
        } catch (UnknownMountOptionException e) {
            throw wrongArguments("-o: " + e.getMessage());
        }
    }

    private MountPlan plan() throws Exception {
        MountOptions parsed = parsedOptions();
        try {
            return takeOver
                    ? MountPlan.checkTakeOver(volume, mountpoint, parsed)
                    : MountPlan.check(volume, mountpoint, parsed);
        } catch (VolumeInUseException e) {
            throw inUse(e);
        }
    }

    /** Starts the daemon of a mount that was found possible, and waits for it. */
    static void mountDetached(MountPlan plan, List<String> options, boolean takeOver)
            throws Exception {
        List<String> arguments = new ArrayList<>();
        if (takeOver) {
            arguments.add("--takeover");
        }
        for (String option : options) {
            arguments.add("-o");
            arguments.add(option);
        }
        arguments.add("--");
        arguments.add(plan.volume().directory().toString());
        arguments.add(plan.mountpoint().toString());
        DaemonProcess.start(plan, arguments);
    }

    private void printMounted() {
        out().println("mounted");
        out().flush();
    }

    private static CommandFailure inUse(VolumeInUseException e) {
        VolumeLayout layout = new VolumeLayout(e.volume());
        Optional<MountTable.Entry> mount = Target.mountOf(layout, MountTable.now());
        String where = mount.map(m -> ", mounted at " + SafeText.of(m.mountpoint())).orElse("");
        return new CommandFailure(
                SafeText.of(e.volume()),
                "volume already open by " + e.holder() + where,
                mount.isPresent()
                        ? "use it there, or unmount it with " + arc() + " umount"
                        : "wait for that process to end",
                e);
    }
}

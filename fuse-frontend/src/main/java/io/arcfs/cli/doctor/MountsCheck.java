package io.arcfs.cli.doctor;

import io.arcfs.cli.control.ControlClient;
import io.arcfs.cli.daemon.DeadMounts;
import io.arcfs.cli.daemon.Target;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Looks at the volumes that are mounted: whether they answer and have room. Stateless. */
public final class MountsCheck {
    private static final int SCARCE_PERCENT = 5;

    private MountsCheck() {}

    public static List<Finding> run() throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Target target : Target.mounted()) {
            MountTable.Entry mount = target.mount();
            if (mount != null) {
                findings.add(served(target, mount));
                room(target, findings);
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("mounts", "no arcfs volume is mounted"));
        }
        return findings;
    }

    private static Finding served(Target target, MountTable.Entry mount) {
        String shown = SafeText.of(mount.mountpoint());
        try {
            if (ControlClient.connect(target.volume()).isPresent()) {
                return Finding.ok("mounts", shown + " is served");
            }
            return DeadMounts.isDead(mount)
                    ? Finding.warning(
                            "mounts",
                            shown + " is dead: its process has ended",
                            "mount the volume again: arc mount "
                                    + SafeText.of(target.volume().directory())
                                    + " "
                                    + shown)
                    : Finding.warning("mounts", shown + " does not answer", "see its log");
        } catch (Exception e) {
            return Finding.warning(
                    "mounts",
                    shown + " cannot be asked: " + SafeText.of(String.valueOf(e.getMessage())),
                    "ask as its owner or as root");
        }
    }

    private static void room(Target target, List<Finding> findings) {
        try {
            FileStore store = Files.getFileStore(target.volume().directory());
            long percent = 100 * store.getUsableSpace() / Math.max(1, store.getTotalSpace());
            if (percent < SCARCE_PERCENT) {
                findings.add(
                        Finding.warning(
                                "space",
                                SafeText.of(target.volume().directory())
                                        + " is on a file system with "
                                        + percent
                                        + " % free",
                                "arc flush and arc evict free what is safe on its media"));
            }
        } catch (IOException e) {
            findings.add(
                    Finding.warning(
                            "space",
                            "the file system of "
                                    + SafeText.of(target.volume().directory())
                                    + " cannot be asked",
                            "look at it as its owner"));
        }
    }
}

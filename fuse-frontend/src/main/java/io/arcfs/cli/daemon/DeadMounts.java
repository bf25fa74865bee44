package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.fuse.MountTable;
import io.arcfs.posix.Posix;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Detaches mounts whose process died; their directories answer nothing any more. Stateless. */
public final class DeadMounts {
    private static final int LIMIT_SECONDS = 30;

    private DeadMounts() {}

    /**
     * Whether the mount has nobody behind it. Waits for an answer of the mount: do not ask while a
     * process holds the volume.
     */
    public static boolean isDead(MountTable.Entry mount) {
        return !Files.isDirectory(Path.of(mount.mountpoint()));
    }

    /** Takes the mount off its directory. */
    public static void detach(MountTable.Entry mount)
            throws CommandFailure, IOException, InterruptedException {
        List<String> command =
                Posix.getuid() == 0
                        ? List.of("umount", "-l", "--", mount.mountpoint())
                        : List.of("fusermount3", "-u", "-z", "--", mount.mountpoint());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroy();
            throw new CommandFailure(
                    SafeText.of(mount.mountpoint()),
                    "a dead mount is there and cannot be detached: "
                            + SafeText.shortened(said.strip(), 200),
                    "run as root: umount -l " + SafeText.of(mount.mountpoint()));
        }
    }
}

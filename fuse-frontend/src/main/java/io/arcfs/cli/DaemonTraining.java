package io.arcfs.cli;

import io.arcfs.cli.control.ControlClient;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.Progress;
import io.arcfs.cli.daemon.Daemon;
import io.arcfs.cli.daemon.MountPlan;
import io.arcfs.cli.daemon.ServiceManager;
import io.arcfs.cli.verb.ArcCommand;
import io.arcfs.fuse.MountOptions;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is run once after a build, or when the package is installed, so that the JVM notes which
 * classes a daemon needs: a mount, a little of everything on it, an unmount. Where nothing can be
 * mounted it fails, and daemons start as they do without.
 */
public final class DaemonTraining {
    private static final Logger LOG = LoggerFactory.getLogger(DaemonTraining.class);

    /** In a process of its own: this one must not wait for itself. */
    private static final String SOME_WORK =
            "cd \"$1\" && mkdir d && head -c 3000000 /dev/zero >d/f && cp d/f d/g && mv d/g d/h"
                    + " && ls -lR . && chmod 600 d/h && cat d/h && ln d/h d/i && rm d/i && df .";

    private static final String SOME_READING = "cat \"$1\"/d/* && ls -lR \"$1\"";

    private DaemonTraining() {}

    /**
     * @param arguments an empty directory
     */
    public static void main(String[] arguments) throws Exception {
        Path scratch = Path.of(arguments[0]).toAbsolutePath();
        Path volume = scratch.resolve("volume");
        Path mountpoint = Files.createDirectories(scratch.resolve("mnt"));
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        ArcCommand.run(new String[] {"mkfs", "--quiet", volume.toString()}, nowhere, nowhere);
        MountPlan plan =
                MountPlan.check(volume.toString(), mountpoint.toString(), MountOptions.DEFAULT);
        ServiceManager alone = ServiceManager.of(Map.of(), ProcessHandle.current().pid());
        CountDownLatch serving = new CountDownLatch(1);
        try (Daemon daemon = Daemon.start(plan, alone)) {
            Thread server = Thread.ofPlatform().start(() -> serve(daemon, serving));
            serving.await();
            shell(SOME_WORK, mountpoint);
            for (ControlRequest request :
                    List.of(
                            new ControlRequest.Archive(),
                            new ControlRequest.Flush(),
                            new ControlRequest.Evict(List.of()),
                            new ControlRequest.Status())) {
                ask(plan.volume(), request);
            }
            shell(SOME_READING, mountpoint);
            ask(plan.volume(), new ControlRequest.Unmount());
            server.join();
        }
    }

    private static void serve(Daemon daemon, CountDownLatch serving) {
        try {
            daemon.serve(serving::countDown);
        } catch (IOException | InterruptedException e) {
            LOG.error("training ended", e);
            serving.countDown();
        }
    }

    private static void ask(VolumeLayout volume, ControlRequest request) throws Exception {
        try (ControlClient client = ControlClient.connect(volume).orElseThrow()) {
            client.call(request, Progress.NONE);
        }
    }

    private static void shell(String script, Path mountpoint) throws Exception {
        new ProcessBuilder("sh", "-c", script, "sh", mountpoint.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}

package io.arcfs.cli.verb;

import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.MountedPath;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc recall}: brings files back from their media. */
@Command(name = "recall", description = "Bring files, or all below folders, to the SSD.")
final class RecallVerb extends Verb {
    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "files or directories below a mountpoint")
    List<String> paths = new ArrayList<>();

    @Override
    void run() throws Exception {
        long bytes = 0;
        for (Map.Entry<Target, List<byte[]>> group : MountedPath.group(paths).entrySet()) {
            bytes +=
                    VolumeAccess.run(
                                    group.getKey(),
                                    new ControlRequest.Recall(group.getValue()),
                                    progress())
                            .path("bytes")
                            .asLong();
        }
        say("on the SSD: " + Humane.bytes(bytes));
    }
}

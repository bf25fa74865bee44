package io.arcfs.cli.verb;

import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc archive}: a round now. */
@Command(
        name = "archive",
        description =
                "Seal the upper layer, build and activate its image; returns when it is active.")
final class ArchiveVerb extends Verb {
    @Parameters(paramLabel = "TARGET", description = "volume directory or mountpoint")
    String target = "";

    @Override
    void run() throws Exception {
        boolean changed =
                VolumeAccess.run(Target.of(target), new ControlRequest.Archive(), progress())
                        .path("changed")
                        .asBoolean();
        say(changed ? "archived" : "nothing to archive");
    }
}

package io.arcfs.cli.verb;

import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc flush}: everything archived is on its media. */
@Command(
        name = "flush",
        description = "Close the open container; returns when all archived data is on its media.")
final class FlushVerb extends Verb {
    @Parameters(paramLabel = "TARGET", description = "volume directory or mountpoint")
    String target = "";

    @Override
    void run() throws Exception {
        VolumeAccess.run(Target.of(target), new ControlRequest.Flush(), progress());
        say("flushed: every archived byte is verified on its media");
    }
}

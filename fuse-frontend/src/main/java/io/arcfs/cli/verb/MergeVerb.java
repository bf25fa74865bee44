package io.arcfs.cli.verb;

import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc merge}: fewer images now. */
@Command(name = "merge", description = "Merge now what the policy would merge.")
final class MergeVerb extends Verb {
    @Parameters(paramLabel = "TARGET", description = "volume directory or mountpoint")
    String target = "";

    @Option(names = "--all", description = "everything archived into one image")
    boolean all;

    @Override
    void run() throws Exception {
        boolean changed =
                VolumeAccess.run(Target.of(target), new ControlRequest.Merge(all), progress())
                        .path("changed")
                        .asBoolean();
        say(changed ? "merged" : "nothing to merge");
    }
}

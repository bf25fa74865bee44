package io.arcfs.cli.verb;

import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import io.arcfs.recovery.SafeText;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code arc device ...}: the block device behind a volume. */
@Command(
        name = "device",
        description = "The block device of a volume.",
        subcommands = DeviceVerbs.Dump.class)
final class DeviceVerbs implements Runnable {
    @Spec CommandSpec spec;

    @picocli.CommandLine.Mixin CommonOptions common = new CommonOptions();

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before anything runs
    DeviceVerbs() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** {@code arc device dump}. */
    @Command(
            name = "dump",
            description =
                    "Copy the device into one sparse file of its full size, recalling what is"
                            + " cold.")
    static final class Dump extends Verb {
        @Parameters(index = "0", paramLabel = "TARGET", description = "volume or mountpoint")
        String target = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "file to make")
        String file = "";

        @Override
        void run() throws Exception {
            if (file.isEmpty()) {
                throw wrongArguments("FILE may not be empty");
            }
            Path path = Path.of(file).toAbsolutePath().normalize();
            long bytes =
                    VolumeAccess.run(Target.of(target), new ControlRequest.Dump(path), progress())
                            .path("deviceBytes")
                            .asLong();
            say("dumped a device of " + Humane.bytes(bytes) + " to " + SafeText.of(path));
        }
    }
}

package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import io.arcfs.recovery.DurationText;
import io.arcfs.recovery.SafeText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc verify}: reads and checks what is on the media. */
@Command(
        name = "verify",
        description = "Read and check everything on the media; goes on where it last stopped.")
final class VerifyVerb extends Verb {
    @Parameters(index = "0", paramLabel = "TARGET", description = "volume directory or mountpoint")
    String target = "";

    @Parameters(
            index = "1..*",
            paramLabel = "PATH",
            description = "only these files or directories")
    List<String> paths = new ArrayList<>();

    @Option(names = "--repair", description = "write damaged copies anew from others")
    boolean repair;

    @Option(
            names = "--max-duration",
            paramLabel = "D",
            description = "stop after that time, for example 30m")
    String most = "";

    @Override
    public Integer call() throws Exception {
        Target found = Target.of(target);
        List<byte[]> fromRoot = new ArrayList<>();
        for (String path : paths) {
            fromRoot.add(EvictVerb.fromRoot(path, found.mount()));
        }
        JsonNode report =
                VolumeAccess.run(
                        found,
                        new ControlRequest.Verify(fromRoot, repair, mostSeconds()),
                        progress());
        return print(report) ? 0 : 1;
    }

    @Override
    void run() {
        throw new UnsupportedOperationException("it has an exit code of its own");
    }

    private long mostSeconds() {
        if (most.isEmpty()) {
            return 0;
        }
        Duration duration;
        try {
            duration = DurationText.parse(most);
        } catch (IllegalArgumentException e) {
            throw wrongArguments("--max-duration '" + most + "' " + e.getMessage());
        }
        if (duration.isZero()) {
            throw wrongArguments("--max-duration '" + most + "' is no time");
        }
        return Math.max(1, duration.toSeconds());
    }

    /** Returns whether nothing is left damaged. */
    private boolean print(JsonNode report) {
        long left = 0;
        for (JsonNode damage : report.path("damaged")) {
            boolean repaired = damage.path("repaired").asBoolean();
            left += repaired ? 0 : 1;
            out().println(
                            SafeText.of(damage.path("medium").asText())
                                    + ": "
                                    + SafeText.of(damage.path("what").asText())
                                    + (repaired ? "; repaired" : ""));
            for (JsonNode file : damage.path("files")) {
                out().println("  " + SafeText.of(file.asText()));
            }
        }
        say(
                "verified "
                        + Humane.counted(report.path("objects").asLong(), "object")
                        + ", "
                        + Humane.bytes(report.path("bytes").asLong())
                        + (report.path("complete").asBoolean()
                                ? ""
                                : "; the rest is for the next time"));
        if (left > 0) {
            err().println(
                            "arc: "
                                    + SafeText.of(target)
                                    + ": "
                                    + Humane.counted(left, "damaged object")
                                    + (repair
                                            ? ": no other copy has them"
                                            : "; arc verify --repair takes them from other"
                                                    + " copies"));
        }
        return left == 0;
    }
}

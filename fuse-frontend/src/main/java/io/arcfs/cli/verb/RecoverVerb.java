package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.rebuild.Rebuild;
import io.arcfs.recovery.rebuild.RebuildReport;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc recover}: what a mount does first, alone; or a volume anew from its media. */
@Command(
        name = "recover",
        description = {
            "Put right what a crash left in a volume, without mounting it.",
            "With --from-cold: make the volume anew from its cold media, in a new directory."
        })
final class RecoverVerb extends Verb {
    @Parameters(paramLabel = "VOLUME", description = "directory of the volume")
    String volume = "";

    @Option(
            names = "--from-cold",
            paramLabel = "SPEC",
            arity = "1..*",
            description = "cold media of the lost volume, dir:PATH or block:PATH")
    List<String> cold = new ArrayList<>();

    @Option(
            names = "--volume-id",
            paramLabel = "UUID",
            description = "which volume, if the media hold several")
    @Nullable UUID id;

    @Override
    void run() throws Exception {
        if (cold.isEmpty()) {
            recover();
        } else {
            rebuild();
        }
    }

    private void recover() throws Exception {
        try (Volume open = Volume.open(Path.of(volume))) {
            open.recoveryActions().forEach(this::say);
            say(
                    open.recoveryActions().isEmpty()
                            ? "nothing to recover"
                            : "recovered " + SafeText.of(volume));
        }
    }

    private void rebuild() throws Exception {
        RebuildReport report;
        try {
            report = Rebuild.run(Path.of(volume), cold.stream().map(this::absolute).toList(), id);
        } catch (DirectoryNotEmptyException e) {
            throw new CommandFailure(
                    SafeText.of(volume),
                    "the directory is not empty",
                    "name an empty or a new one",
                    e);
        }
        say(
                "rebuilt volume %s %s: layers 0 to %d, %d files, %d containers"
                        .formatted(
                                SafeText.of(report.layout().directory()),
                                report.volume(),
                                report.layers() - 1,
                                report.files(),
                                report.containers()));
        report.problems().forEach(line -> out().println(SafeText.of(line)));
        report.missing().forEach(line -> out().println("missing " + line));
        report.suffering().forEach(path -> out().println("suffers " + SafeText.of(path)));
        if (report.layers() < report.layersOnMedia()) {
            out().println(
                            "layers %d to %d are on the media only in part and were left out"
                                    .formatted(report.layers(), report.layersOnMedia() - 1));
        }
        if (!report.isComplete()) {
            throw failure(
                    volume,
                    "the volume is usable, but not all of it came back",
                    "with more of its media, rebuild it again in another directory");
        }
        say("next: " + arc() + " mount " + SafeText.of(volume) + " MOUNTPOINT");
    }

    /** On the command line a relative path starts where the user is. */
    private String absolute(String spec) {
        try {
            return ColdSpec.parse(spec).resolveIn(Path.of("").toAbsolutePath()).toString();
        } catch (IllegalArgumentException e) {
            throw wrongArguments("--from-cold '" + spec + "' " + e.getMessage());
        }
    }
}

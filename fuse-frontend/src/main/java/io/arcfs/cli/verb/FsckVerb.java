package io.arcfs.cli.verb;

import io.arcfs.recovery.fsck.Finding;
import io.arcfs.recovery.fsck.Finding.Severity;
import io.arcfs.recovery.fsck.Fsck;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc fsck}: checks a volume that is not mounted. */
@Command(
        name = "fsck",
        description = {
            "Check catalogs, names, images, containers and media against each other; not mounted.",
            "Exits with 1 when something is wrong. Notes are not wrong."
        })
final class FsckVerb extends Verb {
    @Parameters(paramLabel = "VOLUME", description = "directory of the volume")
    String volume = "";

    @Option(names = "--repair", description = "do what is provably safe, then check again")
    boolean repair;

    @Option(names = "--data", description = "also read every object on the media")
    boolean data;

    @Override
    void run() throws Exception {
        Path directory = Path.of(volume);
        boolean everything = data;
        if (repair) {
            for (String line : Fsck.repair(directory)) {
                say(line);
                // What it found by reading is not found again without.
                everything |= line.startsWith(Fsck.NOT_REPAIRED);
            }
        }
        List<Finding> findings = Fsck.check(directory, everything);
        findings.forEach(finding -> out().println(finding));
        long wrong = findings.stream().filter(f -> f.severity() != Severity.NOTE).count();
        if (wrong > 0) {
            throw failure(
                    volume,
                    wrong + (wrong == 1 ? " thing is wrong" : " things are wrong"),
                    repair
                            ? "what is left needs a copy from elsewhere, or arc recover --from-cold"
                            : "arc fsck --repair does what is safe");
        }
        say("clean" + (findings.isEmpty() ? "" : ", with notes"));
    }
}

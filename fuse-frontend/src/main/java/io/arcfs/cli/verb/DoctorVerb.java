package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.arcfs.cli.console.Console;
import io.arcfs.cli.console.Paint;
import io.arcfs.cli.doctor.Finding;
import io.arcfs.cli.doctor.MachineCheck;
import io.arcfs.cli.doctor.MountsCheck;
import io.arcfs.posix.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code arc doctor}: exit code 1 only when nothing can be mounted here. */
@Command(name = "doctor", description = "Tell what this machine has and lacks, with the fix.")
final class DoctorVerb extends Verb {
    @Option(names = "--json", description = "print JSON: an array with an object per check")
    boolean json;

    private boolean possible = true;

    @Override
    void run() throws Exception {
        List<Finding> findings = new ArrayList<>(new MachineCheck().run());
        findings.addAll(MountsCheck.run());
        possible = findings.stream().noneMatch(f -> f.level() == Finding.Level.PROBLEM);
        if (json) {
            printJson(findings);
        } else {
            findings.forEach(finding -> print(finding, Console.of(Terminal.STDOUT).paint()));
            out().println(
                            possible
                                    ? "archives can be mounted here"
                                    : "archives cannot be mounted here");
        }
        out().flush();
    }

    @Override
    public Integer call() throws Exception {
        run();
        return possible ? 0 : 1;
    }

    private void printJson(List<Finding> findings) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Finding finding : findings) {
            list.addObject()
                    .put("name", finding.name())
                    .put("level", finding.level().word())
                    .put("says", finding.says())
                    .put("fix", finding.fix());
        }
        out().println(list.toPrettyString());
    }

    private void print(Finding finding, Paint paint) {
        String word = String.format(Locale.ROOT, "%-8s", finding.level().word());
        String painted =
                switch (finding.level()) {
                    case OK -> paint.good(word);
                    case HINT -> word;
                    case WARNING -> paint.warning(word);
                    case PROBLEM -> paint.bad(word);
                };
        out().println(painted + finding.says());
        if (!finding.fix().isEmpty()) {
            out().println("        " + finding.fix());
        }
    }
}

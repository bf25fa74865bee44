package io.arcfs.cli.verb;

import io.arcfs.cli.manual.CommandReference;
import io.arcfs.cli.manual.ManPage;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc manual}: what the package and docs/ are made with. */
@Command(
        name = "manual",
        hidden = true,
        description = "Write the manual pages into a directory, or the reference into a file.")
final class ManualVerb extends Verb {
    @Parameters(
            paramLabel = "OUT",
            description = "a directory; or a file ending in .md, which is replaced")
    String out = "";

    @Override
    void run() throws Exception {
        if (out.endsWith(".md")) {
            Files.writeString(Path.of(out), CommandReference.of(ArcCommand.model()));
        } else {
            ManPage.writeAll(ArcCommand.model(), Path.of(out));
        }
    }
}

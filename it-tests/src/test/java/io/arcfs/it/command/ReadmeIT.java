package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Project;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The commands of the README run as printed, one after the other, in a home of their own. */
@Tag("fuse")
@Needs(Capability.FUSE)
class ReadmeIT {
    @Test
    void everyCommandOfTheStartRunsAsPrinted() throws IOException {
        List<String> commands = commandsUnder("## Start");
        assertThat(commands).hasSizeGreaterThanOrEqualTo(6).first().asString().contains("arc up");
        Path home = Scratch.directory("home");
        Path films = Files.createDirectory(home.resolve("Films"));
        Files.writeString(films.resolve("heat.mkv"), "a film");
        Path archive = home.resolve("Archive");
        try {
            for (String command : commands) {
                Command.Outcome outcome =
                        Command.of("sh", "-c", command)
                                .in(Project.root())
                                .with("HOME", home.toString())
                                .with("XDG_DATA_HOME", home.resolve("data").toString())
                                .with("XDG_RUNTIME_DIR", home.toString())
                                .within(Duration.ofMinutes(5))
                                .run();
                assertThat(outcome.exit()).as(outcome.toString()).isZero();
            }
            assertThat(archive.resolve("Films/heat.mkv")).hasContent("a film");
        } finally {
            if (Mounts.isMounted(archive)) {
                Command.of(Project.root().resolve("arc"), "umount", archive).run();
            }
            Scratch.sweep(home);
            Scratch.delete(home);
        }
    }

    /** Indented lines of a section, without what only explains them; the test run is not one. */
    private static List<String> commandsUnder(String heading) throws IOException {
        List<String> commands = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(Project.root().resolve("README.md"))) {
            if (line.startsWith("## ")) {
                inside = line.equals(heading);
            } else if (inside && line.startsWith("    ") && !line.contains("./verify")) {
                commands.add(line.strip());
            }
        }
        return commands;
    }
}

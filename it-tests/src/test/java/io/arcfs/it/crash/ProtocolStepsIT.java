package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Project;
import io.arcfs.it.kit.Scratch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every step of the protocol has a failpoint, and every failpoint is in the document. */
@Needs({})
class ProtocolStepsIT {
    @Test
    void betweenTwoDurableOperationsLiesAFailpoint() throws Exception {
        Path directory = Scratch.directory("steps");
        Path report = directory.resolve("report");
        CrashProcess child =
                CrashProcess.start(
                        TraceChild.class,
                        directory,
                        List.of("-Darcfs.faults=true"),
                        directory,
                        report);
        assertThat(child.await(Duration.ofMinutes(3))).as(child.output()).isZero();
        List<String> lines = Files.readAllLines(report);
        assertThat(lines).filteredOn(line -> line.startsWith("place ")).hasSizeGreaterThan(40);
        assertThat(lines).filteredOn(line -> line.startsWith("reached ")).hasSizeGreaterThan(40);
        assertThat(lines).filteredOn(line -> line.startsWith("gap ")).isEmpty();
        Scratch.delete(directory);
    }

    @Test
    void theDocumentSaysWhatHoldsAtEachFailpoint() throws Exception {
        String document = Files.readString(Project.root().resolve("docs/durability.md"));
        for (Failpoint point : Failpoint.values()) {
            assertThat(document).contains("`" + point + "`");
        }
    }
}

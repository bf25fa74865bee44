package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever operation fails: nothing acknowledged is lost, the error is a clear one, and the volume
 * opens.
 */
@Needs({})
class NthFaultIT {
    @Test
    void twoHundredFaultsLoseNothing() throws Exception {
        run(200, Duration.ofMinutes(6));
    }

    @Test
    @Tag("slow")
    void everyFaultLosesNothing() throws Exception {
        run(0, Duration.ofHours(2));
    }

    private static void run(int faults, Duration longest) throws Exception {
        Path directory = Scratch.inMemory("faults");
        CrashProcess child =
                CrashProcess.start(
                        NthFaultChild.class,
                        directory,
                        List.of("-Darcfs.faults=true"),
                        directory,
                        faults,
                        Long.getLong("arcfs.crash.seed", 1));
        assertThat(child.await(longest)).as(child.output()).isZero();
        assertThat(child.output()).contains("kinds").doesNotContain("BROKEN");
        int failures = Integer.parseInt(child.output().replaceAll("(?s).*failures (\\d+).*", "$1"));
        assertThat(failures).as(child.output()).isGreaterThan(faults * 3 / 4);
        Scratch.delete(directory);
    }
}

package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A failed fsync stops the file, is said again to whoever asks, and is not tried again. */
@Needs({})
class FailedSyncIT {
    @Test
    void aFailedSyncStopsTheFileAndNoOther() throws Exception {
        Path directory = Scratch.directory("sync");
        CrashProcess child =
                CrashProcess.start(
                        FailedSyncChild.class,
                        directory,
                        List.of("-Darcfs.faults=true"),
                        directory);
        assertThat(child.await(Duration.ofMinutes(1))).as(child.output()).isZero();
        assertThat(child.output())
                .contains("first sync: failed")
                .contains("second sync: failed: append file")
                .contains("append: failed: append file")
                .contains("asked the disk again: false")
                .contains("all: failed")
                .contains("other file: done")
                .contains("append to other: done")
                .contains("bytes bytes");
        Scratch.delete(directory);
    }
}

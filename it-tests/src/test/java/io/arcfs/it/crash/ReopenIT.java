package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.recovery.VolumeMaker;
import io.arcfs.recovery.VolumeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Opening after kill -9 takes as long as what was in flight, not as long as the volume is large.
 * The figure of the issue: 1,000 containers and 1,000,000 files in less than 2 s.
 */
@Needs({})
@Tag("slow")
class ReopenIT {
    /** Compiled as a daemon is, unlike the other children of these tests. */
    private static final List<String> AS_A_DAEMON = List.of("-Xmx1g", "-XX:TieredStopAtLevel=4");

    private static final int KILLS = 5;

    @Test
    void openingASmallVolumeFindsEverything() throws Exception {
        assertThat(millis(20_000, 20)).isPositive();
    }

    @Test
    void openingAMillionFilesTakesLessThanTwoSeconds() throws Exception {
        assertThat(millis(1_000_000, 1000)).isLessThan(2000);
    }

    /** The median time of an open after a kill. */
    private static long millis(int files, int containers) throws Exception {
        Path directory = Scratch.directory("reopen");
        Path volume = directory.resolve("volume");
        VolumeMaker.make(
                volume,
                new VolumeSettings(
                        List.of("dir:" + directory),
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalLong.of(1L << 40),
                        Map.of(
                                "geometry.chunkBytes", "65536",
                                "geometry.objectBytes", "65536",
                                "geometry.dataBytes", "1310720",
                                "geometry.containerBytes", "1441792",
                                "geometry.containers", "8000",
                                "merge.policy", "manual")),
                _ -> {});
        CrashProcess filling =
                CrashProcess.start(
                        ReopenChild.class,
                        directory,
                        AS_A_DAEMON,
                        "fill",
                        volume,
                        files,
                        containers);
        assertThat(filling.await(Duration.ofHours(1))).as(filling.output()).isZero();
        List<Long> millis = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            CrashProcess writing =
                    CrashProcess.start(ReopenChild.class, directory, AS_A_DAEMON, "write", volume);
            for (int i = 0; i < 6000 && !writing.output().contains("written"); i++) {
                assertThat(writing.isAlive()).as(writing.output()).isTrue();
                Thread.sleep(20);
            }
            writing.kill();
            CrashProcess opening =
                    CrashProcess.start(ReopenChild.class, directory, AS_A_DAEMON, "open", volume);
            assertThat(opening.await(Duration.ofMinutes(5))).as(opening.output()).isZero();
            System.out.println("reopen: " + files + " files: " + opening.output().strip());
            millis.add(
                    Long.parseLong(
                            opening.output().replaceAll("(?s).*opened in (\\d+) ms.*", "$1")));
        }
        Scratch.delete(directory);
        millis.sort(null);
        return millis.get(KILLS / 2);
    }
}

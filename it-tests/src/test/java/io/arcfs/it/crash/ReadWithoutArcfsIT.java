package io.arcfs.it.crash;

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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A medium is read by a shell script and the kernel alone. */
@Needs({Capability.ROOT, Capability.LOOP, Capability.EROFS, Capability.OVERLAYFS})
class ReadWithoutArcfsIT {
    private final Path directory = Scratch.directory("script");
    private final Path work = directory.resolve("work");
    private final Path mountPoint = directory.resolve("mnt");

    @AfterEach
    void unmount() {
        Command.of(Project.root().resolve("tools/read-archive"), "--unmount", work, mountPoint)
                .run();
        assertThat(Mounts.below(directory)).isEmpty();
        Scratch.delete(directory);
    }

    @Test
    void theScriptShowsWhatTheVolumeShowed() throws Exception {
        Path cold = Files.createDirectory(directory.resolve("cold"));
        Path volume = directory.resolve("volume");
        CrashVolume.make(volume, List.of("dir:" + cold), 1);
        Map<String, String> before = FilledVolume.fill(volume, directory.resolve("ledger"), 0, 6);
        Command.of("rm", "-rf", volume).succeed();
        Files.createDirectory(mountPoint);
        Path medium;
        try (Stream<Path> folders = Files.list(cold)) {
            medium = folders.findFirst().orElseThrow();
        }
        Command.of(Project.root().resolve("tools/read-archive"), medium, work, mountPoint)
                .succeed();
        Map<String, String> expected = new TreeMap<>();
        before.forEach((path, text) -> expected.put(path, text.replaceAll(".*crc=", "")));
        expected.replaceAll((path, text) -> path.endsWith("/") ? "" : text);
        assertThat(shown()).isEqualTo(expected);
    }

    private Map<String, String> shown() throws IOException {
        Map<String, String> shown = new TreeMap<>();
        try (Stream<Path> files = Files.walk(mountPoint)) {
            for (Path file : files.toList()) {
                String path = file.equals(mountPoint) ? "" : "/" + mountPoint.relativize(file);
                if (Files.isDirectory(file)) {
                    shown.put(path + "/", "");
                } else {
                    CRC32C crc = new CRC32C();
                    crc.update(Files.readAllBytes(file));
                    shown.put(path, Long.toHexString(crc.getValue()));
                }
            }
        }
        return shown;
    }
}

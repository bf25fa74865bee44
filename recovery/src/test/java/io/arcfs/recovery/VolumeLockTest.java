package io.arcfs.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class VolumeLockTest {
    @TempDir Path volume;

    @Test
    void secondLockInOneProcessIsRefusedAndLeavesTheFirst() throws Exception {
        VolumeLayout layout = new VolumeLayout(volume);
        try (VolumeLock _ = VolumeLock.acquire(layout)) {
            assertThatThrownBy(() -> VolumeLock.acquire(layout))
                    .isInstanceOf(VolumeInUseException.class)
                    .hasMessageContaining("already open by pid " + ProcessHandle.current().pid());
            assertThat(VolumeLock.holder(layout)).hasValue(ProcessHandle.current().pid());
            assertThat(tryInOtherProcess()).isEqualTo("refused");
        }
        try (VolumeLock _ = VolumeLock.acquire(layout)) {
            assertThat(Files.readString(layout.lock()).strip())
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void lockOfAnotherProcessNamesItsPid() throws Exception {
        Process holder = startHolder("wait");
        try {
            long pid = Long.parseLong(firstLine(holder));
            assertThat(VolumeLock.holder(new VolumeLayout(volume))).hasValue(pid);
            assertThatThrownBy(() -> VolumeLock.acquire(new VolumeLayout(volume)))
                    .isInstanceOf(VolumeInUseException.class)
                    .hasMessageEndingWith("volume already open by pid " + pid);
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void pidOfADeadHolderIsNoObstacle() throws IOException {
        VolumeLayout layout = new VolumeLayout(volume);
        Files.writeString(layout.lock(), "1\n");
        assertThat(VolumeLock.holder(layout)).isEmpty();
        VolumeLock.acquire(layout).close();
        assertThat(layout.lock()).isEmptyFile();
    }

    @Test
    void lockThatIsADirectoryIsRefused() throws IOException {
        Files.createDirectory(volume.resolve("lock"));
        assertThatThrownBy(() -> VolumeLock.acquire(new VolumeLayout(volume)))
                .hasMessageContaining("is no regular file");
    }

    private String tryInOtherProcess() throws Exception {
        Process other = startHolder("try");
        String answer = firstLine(other);
        other.waitFor();
        return answer;
    }

    private Process startHolder(String mode) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        volume.toString(),
                        mode)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String firstLine(Process process) throws IOException {
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        String line = reader.readLine();
        return line == null ? "" : line;
    }
}

package io.arcfs.cli.recall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
    @TempDir Path proc;

    private void process(int pid, int group, int parent, String comm, String exe)
            throws IOException {
        Path directory = Files.createDirectories(proc.resolve(Integer.toString(pid)));
        Files.writeString(
                directory.resolve("status"),
                "Name:\t" + comm + "\nTgid:\t" + group + "\nPPid:\t" + parent + "\n");
        Files.writeString(directory.resolve("comm"), comm + "\n");
        Files.createSymbolicLink(directory.resolve("exe"), Path.of(exe));
    }

    @Test
    void threadIsNamedByItsProcess() throws IOException {
        process(50, 40, 1, "pool-tumblerd", "/usr/lib/tumbler-1/tumblerd");
        process(40, 40, 1, "tumblerd", "/usr/lib/tumbler-1/tumblerd");
        Program program = Program.of(proc, 50);
        assertThat(program.pid()).isEqualTo(40);
        assertThat(program.command()).isEqualTo("tumblerd");
        assertThat(program.isCalled("tumblerd")).isTrue();
        assertThat(program.isCalled("mpv")).isFalse();
    }

    @Test
    void nameThatTheKernelCutIsKnownWhole() throws IOException {
        process(7, 7, 1, "ffmpegthumbnail", "/usr/bin/ffmpegthumbnailer");
        Program program = Program.of(proc, 7);
        assertThat(program.command()).isEqualTo("ffmpegthumbnailer");
        assertThat(program.isCalled("ffmpegthumbnailer")).isTrue();
    }

    @Test
    void cutNameIsEnoughWhereTheFileIsNotToBeSeen() throws IOException {
        process(7, 7, 1, "ffmpegthumbnail", "/gone");
        Files.delete(proc.resolve("7/exe"));
        assertThat(Program.of(proc, 7).isCalled("ffmpegthumbnailer")).isTrue();
    }

    @Test
    void helperGoesByTheNameOfWhoStartedIt() throws IOException {
        process(30, 30, 20, "helper", "/usr/bin/helper");
        process(20, 20, 1, "tumblerd", "/usr/lib/tumbler-1/tumblerd");
        Program program = Program.of(proc, 30);
        assertThat(program.command()).isEqualTo("helper");
        assertThat(program.isCalled("tumblerd")).isTrue();
    }

    @Test
    void endedProcessStillHasANumber() {
        Program program = Program.of(proc, 99);
        assertThat(program.pid()).isEqualTo(99);
        assertThat(program.isCalled("mpv")).isFalse();
    }

    @Test
    void kernelThatDoesNotSayIsUnknown() {
        assertThat(Program.of(proc, 0)).isEqualTo(Program.UNKNOWN);
    }
}

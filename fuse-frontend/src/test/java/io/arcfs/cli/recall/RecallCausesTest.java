package io.arcfs.cli.recall;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.RecallGuard.Request;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecallCausesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final RecallCauses causes =
            new RecallCauses(
                    List.of("tumblerd"),
                    CLOCK,
                    pid -> {
                        String name = pid == 1 ? "tumblerd" : "mpv";
                        return new Program(pid, name, List.of(name));
                    });

    private static Request read(int pid, long inode, String path, long bytes) {
        return new Request(pid, inode, path.getBytes(UTF_8), bytes);
    }

    @Test
    void namedProgramIsRefusedAndCounted() {
        assertThatThrownBy(() -> causes.aboutToRecall(read(1, 5, "films/a.mkv", 4096)))
                .isInstanceOfSatisfying(
                        FsException.class,
                        e -> assertThat(e.reason()).isEqualTo(FsException.Reason.RECALL_REFUSED));
        assertThat(causes.refused()).isEqualTo(1);
        assertThat(causes.byCommand()).containsEntry("tumblerd", new RecallCauses.Sum(0, 0, 1));
        assertThat(causes.latest(10))
                .containsExactly(new RecallCause(1, "tumblerd", "films/a.mkv", 0, 0, 1, 0, 0));
    }

    @Test
    void nothingIsFetchedAheadForWhoIsRefused() {
        assertThat(causes.mayRecall(1)).isFalse();
        assertThat(causes.mayRecall(1)).isFalse();
        assertThat(causes.mayRecall(2)).isTrue();
        assertThat(causes.refused()).isZero();
    }

    @Test
    void othersWaitAndAreNamedWithWhatTheyRead() throws FsException {
        causes.aboutToRecall(read(2, 5, "films/a.mkv", 1000));
        causes.aboutToRecall(read(2, 5, "films/a.mkv", 500));
        causes.aboutToRecall(read(3, 6, "b", 7));
        assertThat(causes.refused()).isZero();
        assertThat(causes.byCommand()).containsEntry("mpv", new RecallCauses.Sum(3, 1507, 0));
        assertThat(causes.latest(1)).extracting(RecallCause::path).containsExactly("b");
        assertThat(causes.latest(10)).extracting(RecallCause::bytes).containsExactly(7L, 1500L);
    }

    @Test
    void whatIsRememberedIsBounded() throws FsException {
        for (int inode = 0; inode < 2000; inode++) {
            causes.aboutToRecall(read(2, inode, "f" + inode, 1));
        }
        assertThat(causes.latest(Integer.MAX_VALUE)).hasSizeLessThanOrEqualTo(256);
        assertThat(causes.byCommand().get("mpv")).isEqualTo(new RecallCauses.Sum(2000, 2000, 0));
    }

    @Test
    void nameOfAFileCannotForgeALine() throws FsException {
        causes.aboutToRecall(read(2, 5, "a\nb\u001b[31m", 1));
        assertThat(causes.latest(1).getFirst().path()).doesNotContain("\n", "\u001b");
    }
}

package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code overwrite: "upper"}: what only the active layer holds can be rewritten. */
final class OverwriteTest {
    @TempDir Path directory;
    private Volume volume;

    @BeforeEach
    void open() throws IOException {
        Settings settings = new Settings();
        settings.overwrite = OverwritePolicy.UPPER;
        volume = Volume.in(directory, settings);
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
    }

    private void write(String path, long offset, String text) throws IOException {
        OpenFile file = volume.open(path, OpenMode.READ_WRITE);
        try {
            Volume.write(file, offset, Volume.bytes(text));
        } finally {
            file.release();
        }
    }

    private void refused(String path, long offset) {
        assertThatThrownBy(() -> write(path, offset, "X"))
                .isInstanceOfSatisfying(
                        FsException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.NOT_PERMITTED));
    }

    @Test
    void bytesOfTheActiveLayerAreRewrittenInPlace() throws Exception {
        volume.create("/f", "0123456789");
        write("/f", 2, "ab");
        write("/f", 8, "yz and on");
        assertThat(volume.text("/f")).isEqualTo("01ab4567yz and on");
        volume.reopen();
        write("/f", 0, "A");
        assertThat(volume.text("/f")).isEqualTo("A1ab4567yz and on");
        volume.archive();
        volume.reopen();
        assertThat(volume.text("/f")).isEqualTo("A1ab4567yz and on");
    }

    @Test
    void archivedAndSealedBytesAreNot() throws Exception {
        volume.create("/f", "archived");
        volume.archive();
        refused("/f", 7);
        volume.append("/f", " and new");
        refused("/f", 7);
        write("/f", 9, "AND");
        assertThat(volume.text("/f")).isEqualTo("archived AND new");
        volume.archive();
        refused("/f", 9);
        volume.append("/f", "!");
        refused("/f", 15);
        write("/f", 16, "?");
        assertThat(volume.text("/f")).isEqualTo("archived AND new?");
    }

    @Test
    void aFileOpenForWritingStaysInTheActiveLayer() throws Exception {
        volume.mkdir("/d");
        volume.create("/d/film", "....");
        volume.link("/d/film", "/also");
        OpenFile film = volume.open("/d/film", OpenMode.READ_WRITE);
        Volume.write(film, 4, Volume.bytes(" frames"));
        volume.create("/other", "x");
        volume.archive();
        assertThat(volume.overlay().status().upper().files()).isEqualTo(1);
        Volume.write(film, 11, Volume.bytes(" more"));
        volume.archive();
        Volume.write(film, 0, Volume.bytes("head"));
        film.release();
        assertThat(volume.text("/also")).isEqualTo("head frames more");
        volume.archive();
        assertThat(volume.overlay().status().upper().files()).isZero();
        volume.mergeAll();
        volume.reopen();
        assertThat(volume.text("/d/film")).isEqualTo("head frames more");
        refused("/also", 0);
    }

    @Test
    void whatACarriedFileHadInImagesStaysAsItIs() throws Exception {
        volume.create("/f", "old ");
        OpenFile file = volume.open("/f", OpenMode.READ_WRITE);
        file.release();
        volume.archive();
        OpenFile again = volume.open("/f", OpenMode.READ_WRITE);
        Volume.write(again, 4, Volume.bytes("new"));
        volume.archive();
        Volume.write(again, 4, Volume.bytes("NEW"));
        assertThatThrownBy(() -> Volume.write(again, 3, Volume.bytes("X")))
                .isInstanceOf(FsException.class);
        again.release();
        volume.archive();
        volume.reopen();
        assertThat(volume.text("/f")).isEqualTo("old NEW");
    }
}

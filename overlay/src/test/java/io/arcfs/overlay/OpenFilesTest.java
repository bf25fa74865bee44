package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More files are opened than there are descriptors for. */
final class OpenFilesTest {
    private static final int MOST = 5;

    @TempDir Path directory;
    private Volume volume;
    private final List<OpenFile> open = new ArrayList<>();

    @BeforeEach
    void openAsManyAsMayBe() throws IOException {
        Settings settings = new Settings();
        settings.openFilesMost = MOST;
        volume = Volume.in(directory, settings);
        volume.create("/closed", "bytes in the upper");
        volume.create("/archived", "bytes in an image");
        for (int i = 0; i < MOST; i++) {
            volume.create("/f" + i, "file " + i);
        }
    }

    @AfterEach
    void close() throws IOException {
        open.forEach(OpenFile::release);
        volume.close();
    }

    private void openAll(OpenMode mode) throws IOException {
        for (int i = 0; i < MOST; i++) {
            open.add(volume.open("/f" + i, mode));
        }
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FsException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MANY_OPEN));
    }

    @Test
    void anotherOneIsRefusedAndNoNameIsMade() throws Exception {
        openAll(OpenMode.READ_WRITE);
        assertRefused(() -> volume.open("/closed", OpenMode.READ));
        assertRefused(() -> volume.open("/closed", OpenMode.READ_WRITE));
        assertRefused(() -> volume.create("/new", "content"));
        assertThat(volume.stat("/new")).isNull();
    }

    @Test
    void filesOfImagesAndOpenOnesTakeNone() throws Exception {
        volume.archive();
        openAll(OpenMode.READ_WRITE);
        assertThat(volume.text("/archived")).isEqualTo("bytes in an image");
        assertThat(volume.text("/f0")).isEqualTo("file 0");
        volume.append("/f0", ", again");
        assertThat(volume.text("/f0")).isEqualTo("file 0, again");
        assertRefused(() -> volume.append("/archived", "more"));
    }

    @Test
    void namesRoundsAndCommitsGoOn() throws Exception {
        openAll(OpenMode.READ_WRITE);
        volume.mkdir("/folder");
        volume.rename("/closed", "/folder/moved");
        volume.unlink("/archived");
        Volume.write(open.getFirst(), 6, Volume.bytes(", longer"));
        open.getFirst().fsync();
        assertThat(volume.archive()).isTrue();
        assertThat(volume.text("/f0")).isEqualTo("file 0, longer");
        assertThat(volume.text("/folder/moved")).isEqualTo("bytes in the upper");
    }

    @Test
    void closingMakesRoomHoweverOften() throws Exception {
        for (int round = 0; round < 3; round++) {
            openAll(round == 1 ? OpenMode.READ : OpenMode.READ_WRITE);
            assertRefused(() -> volume.open("/closed", OpenMode.READ));
            open.forEach(OpenFile::release);
            open.forEach(OpenFile::release); // the second time it is nothing
            open.clear();
            assertThat(volume.text("/closed")).isEqualTo("bytes in the upper");
        }
        openAll(OpenMode.READ_WRITE);
        volume.unlink("/f0");
        volume.fs().setattr(volume.inode("/f1"), AttributeChange.ofPermissions(0600));
        assertRefused(() -> volume.open("/closed", OpenMode.READ));
        open.removeFirst().release();
        volume.create("/new", "content");
        assertThat(volume.text("/new")).isEqualTo("content");
    }
}

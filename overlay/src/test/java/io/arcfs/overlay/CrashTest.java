package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.VolumeState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a volume shows that is opened from the files that a crash left. */
final class CrashTest {
    @TempDir Path directory;
    private Path live;
    private Path crashed;

    @BeforeEach
    void folders() throws IOException {
        live = Files.createDirectory(directory.resolve("live"));
        crashed = directory.resolve("crashed");
    }

    /** The files as a dead process leaves them: everything that reached the operating system. */
    private void killProcess() throws IOException {
        copy(live, crashed);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    /** As {@link #killProcess}, on a machine that has been booted since. */
    private void losePower() throws IOException {
        losePower(live, crashed);
    }

    private static void losePower(Path from, Path to) throws IOException {
        copy(from, to);
        Catalog catalog = Catalog.open(to.resolve("catalog"));
        VolumeState state = Objects.requireNonNull(catalog.volume());
        try (CatalogBatch batch = catalog.batch()) {
            batch.putVolume(
                    new VolumeState(state.nextInode(), state.nextAppendFile(), "another boot"));
            catalog.commit(batch, Sync.YES);
        }
        catalog.close();
    }

    @Test
    void afterAProcessDeathEveryWrittenByteCounts() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "written, never synced");
            volume.mkdir("/d");
            killProcess();
        }
        try (Volume again = Volume.in(crashed)) {
            assertThat(again.text("/f")).isEqualTo("written, never synced");
            assertThat(again.list("/")).containsExactly("d", "f");
            assertThat(again.overlay().recoveryActions()).isNotEmpty();
            again.append("/f", "; and on");
            again.reopen();
            assertThat(again.text("/f")).isEqualTo("written, never synced; and on");
            assertThat(again.overlay().recoveryActions()).isEmpty();
        }
    }

    @Test
    void afterPowerLossAFileIsWhatWasSynced() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "");
            OpenFile file = volume.open("/f", OpenMode.READ_WRITE);
            Volume.write(file, 0, Volume.bytes("durable"));
            file.fsync();
            Volume.write(file, 7, Volume.bytes(" not"));
            losePower();
            file.release();
        }
        try (Volume again = Volume.in(crashed)) {
            assertThat(again.text("/f")).isEqualTo("durable");
        }
    }

    @Test
    void whatADeadProcessLeftInFlightIsDurableAfterAnFsync() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "written, never synced");
            killProcess();
        }
        Path later = directory.resolve("later");
        try (Volume again = Volume.in(crashed)) {
            OpenFile file = again.open("/f", OpenMode.READ);
            file.fsync();
            losePower(crashed, later);
            file.release();
        }
        try (Volume last = Volume.in(later)) {
            assertThat(last.text("/f")).isEqualTo("written, never synced");
        }
    }

    @Test
    void whatADeadProcessLeftInFlightIsDurableBeforeItReplacesAFile() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/old", "old");
            volume.create("/new", "written, never synced");
            killProcess();
        }
        Path later = directory.resolve("later");
        try (Volume again = Volume.in(crashed)) {
            again.rename("/new", "/old");
            losePower(crashed, later);
        }
        try (Volume last = Volume.in(later)) {
            assertThat(last.list("/")).containsExactly("old");
            assertThat(last.text("/old")).isEqualTo("written, never synced");
        }
    }

    @Test
    void whatADeadProcessLeftInFlightGoesWithItsName() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "written, never synced");
            volume.create("/g", "archived with what came before");
            killProcess();
        }
        try (Volume again = Volume.in(crashed)) {
            again.unlink("/f");
            again.archive();
            again.reopen();
            assertThat(again.overlay().recoveryActions()).isEmpty();
            assertThat(again.text("/g")).isEqualTo("archived with what came before");
            assertThat(uppers(crashed)).isEmpty();
        }
    }

    @Test
    void aSealedLayerIsArchivedAfterTheCrash() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "one");
            volume.archive();
            volume.append("/f", " two");
            volume.create("/g", "three");
            killProcess();
        }
        try (Volume again = Volume.in(crashed)) {
            again.archive();
            assertThat(again.text("/f")).isEqualTo("one two");
            assertThat(again.text("/g")).isEqualTo("three");
            again.reopen();
            assertThat(again.text("/f")).isEqualTo("one two");
        }
    }

    @Test
    void strayFilesOfACrashedRoundAreSwept() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "x");
            volume.archive();
        }
        Files.writeString(live.resolve("images/meta.07"), "half an image");
        Files.writeString(live.resolve("images/meta.08.draft"), "half an image");
        Files.writeString(live.resolve("upper/data/00000000000000ff"), "nobody's bytes");
        try (Volume again = Volume.in(live)) {
            assertThat(again.text("/f")).isEqualTo("x");
            assertThat(again.overlay().recoveryActions()).hasSize(3);
            assertThat(live.resolve("images/meta.07")).doesNotExist();
            assertThat(live.resolve("upper/data/00000000000000ff")).doesNotExist();
        }
    }

    @Test
    void aLostImageIsReadBackFromTheDevice() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "x");
            volume.archive();
        }
        Files.delete(live.resolve("images/meta.00"));
        try (Volume again = Volume.in(live)) {
            assertThat(again.text("/f")).isEqualTo("x");
            assertThat(live.resolve("images/meta.00")).exists();
        }
    }

    @Test
    void anImageWithOtherBytesIsReadBackFromTheDevice() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "x");
            volume.archive();
            Path image = live.resolve("images/meta.00");
            byte[] bytes = Files.readAllBytes(image);
            bytes[bytes.length - 1] ^= 1;
            Files.write(image, bytes);
            volume.reopen();
            assertThat(volume.text("/f")).isEqualTo("x");
            assertThat(volume.overlay().recoveryActions()).anyMatch(a -> a.contains("meta.00"));
        }
    }

    /** What a round archived of the old version must not become the new one's bytes. */
    @Test
    void aFileThatIsEmptiedInPlaceIsArchivedWithItsNewBytes() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "old bytes");
            OpenFile reader = volume.open("/f", OpenMode.READ);
            BackingFile backing = Objects.requireNonNull(reader.backing());
            volume.archive();
            OpenFile writer = volume.open("/f", new OpenMode(false, true, true));
            Volume.write(writer, 0, Volume.bytes("new"));
            writer.release();
            volume.archive();
            backing.release();
            reader.release();
            volume.reopen();
            assertThat(volume.text("/f")).isEqualTo("new");
        }
    }

    /** Its addresses read as zeros on the device: no file may show them. */
    @Test
    void aFileInAContainerThatTheTierLacksGivesAnError() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "x");
            volume.archive();
            volume.create("/g", "y");
        }
        try (Volume again = Volume.withoutContainers(live)) {
            assertThatThrownBy(() -> again.text("/f")).isInstanceOf(FsException.class);
            assertThat(again.text("/g")).isEqualTo("y");
            assertThat(again.overlay().status().problems()).anyMatch(p -> p.contains("is lost"));
        }
    }

    @Test
    void filesUnlinkedWhileOpenAreGoneAfterTheCrash() throws Exception {
        try (Volume volume = Volume.in(live)) {
            volume.create("/f", "open");
            OpenFile open = volume.open("/f", OpenMode.READ);
            volume.unlink("/f");
            killProcess();
            open.release();
        }
        try (Volume again = Volume.in(crashed)) {
            assertThat(again.list("/")).isEmpty();
            assertThat(uppers(crashed)).isEmpty();
        }
    }

    private static List<Path> uppers(Path volume) throws IOException {
        try (Stream<Path> files = Files.list(volume.resolve("upper/data"))) {
            return files.toList();
        }
    }
}

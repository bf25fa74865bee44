package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.VolumeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Append files that somebody reads without us: they keep all bytes, and go when nobody does. */
final class PinnedFileTest {
    @TempDir Path directory;
    private Path live;
    private Path crashed;

    @BeforeEach
    void folders() throws IOException {
        live = Files.createDirectory(directory.resolve("live"));
        crashed = directory.resolve("crashed");
    }

    /** What somebody reads who was given the descriptor. */
    private static String seen(BackingFile backing) {
        String[] text = new String[1];
        int result =
                backing.withDescriptor(descriptor -> {
                    try {
                        Path open = Path.of("/proc/self/fd/" + descriptor);
                        text[0] = new String(Files.readAllBytes(open), StandardCharsets.UTF_8);
                        return 1;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        assertThat(result).isEqualTo(1);
        return text[0];
    }

    private static BackingFile pin(OpenFile file) throws IOException {
        return Objects.requireNonNull(file.backing(), "one append file has all the bytes");
    }

    /** What is left once garbage was removed, which waits for the catalog to be durable. */
    private static List<Path> appendFiles(Volume open, Path volume) throws IOException {
        open.fs().sync();
        return appendFiles(volume);
    }

    private static List<Path> appendFiles(Path volume) throws IOException {
        try (Stream<Path> files = Files.list(volume.resolve("upper/data"))) {
            return files.toList();
        }
    }

    @Nested
    class WhileTheVolumeIsOpen {
        @Test
        void itHasEveryByteThroughRoundsMergesAndAppends() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "one");
                OpenFile reader = volume.open("/f", OpenMode.READ);
                BackingFile backing = pin(reader);
                assertThat(seen(backing)).isEqualTo("one");

                volume.archive();
                assertThat(seen(backing)).isEqualTo("one");
                volume.append("/f", " two");
                assertThat(seen(backing)).isEqualTo("one two");
                volume.archive();
                volume.append("/f", " three");
                volume.archive();
                volume.mergeAll();
                volume.append("/f", " four");
                assertThat(seen(backing)).isEqualTo("one two three four");
                assertThat(volume.text("/f")).isEqualTo("one two three four");

                backing.release();
                reader.release();
                assertThat(volume.text("/f")).isEqualTo("one two three four");
                volume.archive();
                assertThat(appendFiles(volume, live)).isEmpty();
                volume.reopen();
                assertThat(volume.text("/f")).isEqualTo("one two three four");
            }
        }

        @Test
        void itGoesWithItsLastPinWhenItsBytesAreArchived() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "one");
                OpenFile reader = volume.open("/f", OpenMode.READ);
                BackingFile first = pin(reader);
                BackingFile second = pin(reader);
                volume.archive();
                first.release();
                first.release();
                assertThat(appendFiles(volume, live)).hasSize(1);
                assertThat(seen(second)).isEqualTo("one");
                second.release();
                assertThat(appendFiles(volume, live)).isEmpty();
                assertThat(new String(Volume.read(reader, 0, 10), StandardCharsets.UTF_8))
                        .isEqualTo("one");
                reader.release();
            }
        }

        @Test
        void itIsEmptiedAndGrowsWithTheFile() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "old bytes");
                OpenFile reader = volume.open("/f", OpenMode.READ);
                BackingFile backing = pin(reader);
                volume.archive();
                volume.open("/f", new OpenMode(false, true, true)).release();
                assertThat(seen(backing)).isEmpty();
                assertThat(volume.text("/f")).isEmpty();
                volume.append("/f", "new");
                assertThat(seen(backing)).isEqualTo("new");
                OpenFile writer = volume.open("/f", OpenMode.READ_WRITE);
                writer.truncate(5);
                assertThat(seen(backing)).isEqualTo("new\0\0");
                assertThat(volume.text("/f")).isEqualTo("new\0\0");
                writer.release();
                volume.archive();
                backing.release();
                reader.release();
                assertThat(volume.text("/f")).isEqualTo("new\0\0");
                assertThat(appendFiles(volume, live)).isEmpty();
            }
        }

        @Test
        void itOutlivesTheLastName() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "one");
                OpenFile reader = volume.open("/f", OpenMode.READ);
                OpenFile writer = volume.open("/f", OpenMode.READ_WRITE);
                BackingFile backing = pin(reader);
                volume.unlink("/f");
                Volume.write(writer, 3, Volume.bytes(" two"));
                volume.create("/other", "x");
                volume.archive();
                Volume.write(writer, 7, Volume.bytes(" three"));
                assertThat(seen(backing)).isEqualTo("one two three");
                backing.release();
                writer.release();
                reader.release();
                volume.archive();
                assertThat(appendFiles(volume, live)).isEmpty();
            }
        }

        @Test
        void aFileWhoseBytesLieInTwoPlacesHasNone() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "one");
                volume.create("/empty", "");
                volume.archive();
                volume.append("/f", " two");
                for (String path : List.of("/f", "/empty")) {
                    OpenFile reader = volume.open(path, OpenMode.READ);
                    assertThat(reader.backing()).as(path).isNull();
                    reader.release();
                }
            }
        }

        @Test
        void aFileLongerThanItsBytesHasNone() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "one");
                OpenFile file = volume.open("/f", OpenMode.READ_WRITE);
                file.truncate(1000);
                assertThat(file.backing()).isNull();
                file.release();
            }
        }
    }

    /** As in {@link CrashTest}: the files as a dead process, or a dead machine, leaves them. */
    @Nested
    class AfterACrash {
        private void killProcess() throws IOException {
            try (Stream<Path> files = Files.walk(live)) {
                for (Path file : files.toList()) {
                    Files.copy(file, crashed.resolve(live.relativize(file)));
                }
            }
        }

        private void losePower() throws IOException {
            killProcess();
            Catalog catalog = Catalog.open(crashed.resolve("catalog"));
            VolumeState state = Objects.requireNonNull(catalog.volume());
            try (CatalogBatch batch = catalog.batch()) {
                batch.putVolume(
                        new VolumeState(state.nextInode(), state.nextAppendFile(), "another boot"));
                catalog.commit(batch, Sync.YES);
            }
            catalog.close();
        }

        /** A volume whose /f is pinned, archived, and appended to in its old append file. */
        private void crashAfterReuse(boolean power, String... appends) throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "one");
                OpenFile reader = volume.open("/f", OpenMode.READ);
                BackingFile backing = pin(reader);
                volume.archive();
                OpenFile writer = volume.open("/f", OpenMode.READ_WRITE);
                long end = 3;
                for (String append : appends) {
                    Volume.write(writer, end, Volume.bytes(append));
                    end += append.length();
                    if (!append.equals(" lost")) {
                        writer.fsync();
                    }
                }
                if (power) {
                    losePower();
                } else {
                    killProcess();
                }
                writer.release();
                backing.release();
                reader.release();
            }
        }

        @Test
        void aReusedFileIsWhatWasWrittenAfterAProcessDeath() throws Exception {
            crashAfterReuse(false, " two", " lost");
            try (Volume again = Volume.in(crashed)) {
                assertThat(again.text("/f")).isEqualTo("one two lost");
                again.archive();
                again.reopen();
                assertThat(again.text("/f")).isEqualTo("one two lost");
                assertThat(appendFiles(again, crashed)).isEmpty();
            }
        }

        @Test
        void aReusedFileIsWhatWasSyncedAfterPowerLoss() throws Exception {
            crashAfterReuse(true, " two", " lost");
            try (Volume again = Volume.in(crashed)) {
                assertThat(again.text("/f")).isEqualTo("one two");
                again.append("/f", " three");
                again.archive();
                again.reopen();
                assertThat(again.text("/f")).isEqualTo("one two three");
                assertThat(appendFiles(again, crashed)).isEmpty();
            }
        }

        @Test
        void aFileKeptForItsReadersAloneIsSwept() throws Exception {
            crashAfterReuse(false);
            assertThat(appendFiles(crashed)).hasSize(1);
            try (Volume again = Volume.in(crashed)) {
                assertThat(appendFiles(again, crashed)).isEmpty();
                assertThat(again.text("/f")).isEqualTo("one");
            }
        }

        @Test
        void anEmptiedFileIsEmptyAfterPowerLoss() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "old bytes");
                OpenFile reader = volume.open("/f", OpenMode.READ);
                BackingFile backing = pin(reader);
                OpenFile writer = volume.open("/f", new OpenMode(false, true, true));
                Volume.write(writer, 0, Volume.bytes("never synced"));
                losePower();
                writer.release();
                backing.release();
                reader.release();
            }
            try (Volume again = Volume.in(crashed)) {
                assertThat(again.text("/f")).isEmpty();
            }
        }

        @Test
        void anEmptiedAndRewrittenFileIsTheNewOneAfterAProcessDeath() throws Exception {
            try (Volume volume = Volume.in(live)) {
                volume.create("/f", "old bytes");
                OpenFile reader = volume.open("/f", OpenMode.READ);
                BackingFile backing = pin(reader);
                volume.archive();
                OpenFile writer = volume.open("/f", new OpenMode(false, true, true));
                Volume.write(writer, 0, Volume.bytes("new"));
                killProcess();
                writer.release();
                backing.release();
                reader.release();
            }
            try (Volume again = Volume.in(crashed)) {
                assertThat(again.text("/f")).isEqualTo("new");
                again.archive();
                assertThat(again.text("/f")).isEqualTo("new");
            }
        }
    }
}

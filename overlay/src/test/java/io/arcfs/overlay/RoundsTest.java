package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.OpenMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When rounds and merges happen, and what they do not wait for. */
@Timeout(120)
final class RoundsTest {
    private static final int HALF_CHUNK = 32 << 10;

    @TempDir Path directory;
    private final Settings settings = new Settings();

    private static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static List<String> layers(Volume volume) throws IOException {
        return volume.overlay().status().layers().stream().map(OverlayStatus.Layer::name).toList();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void aColdTailThatComesIsArchivedWithTheRound() throws Exception {
        byte[] old = random(1, HALF_CHUNK);
        byte[] more = random(2, HALF_CHUNK / 2);
        try (Volume volume = Volume.in(directory, settings)) {
            volume.create("/f", "");
            volume.append("/f", old);
            volume.archive();
            volume.tier().media(FileTier.Media.COLD);
            volume.append("/f", more);
            assertThat(volume.tier().recalls()).isZero();
            volume.archive();
            assertThat(volume.tier().recalls()).isEqualTo(1);
            assertThat(volume.overlay().status().upper().files()).isZero();
            volume.reopen();
            assertThat(volume.readAll("/f")).isEqualTo(join(old, more));
        }
    }

    @Test
    void aColdTailNeverHoldsUpARound() throws Exception {
        settings.tailWait = Duration.ofMillis(200);
        byte[] old = random(1, HALF_CHUNK);
        byte[] more = random(2, HALF_CHUNK / 2);
        try (Volume volume = Volume.in(directory, settings)) {
            volume.mkdir("/d");
            volume.create("/d/f", "");
            volume.append("/d/f", old);
            volume.link("/d/f", "/g");
            volume.archive();
            volume.tier().media(FileTier.Media.OFFLINE);
            volume.append("/d/f", more);
            volume.mkdir("/e");
            volume.rename("/d/f", "/e/f");
            volume.create("/other", "warm");
            long inode = volume.inode("/g");
            volume.archive();
            assertThat(volume.overlay().status().upper().files()).isEqualTo(1);
            assertThat(volume.list("/d")).isEmpty();
            assertThat(volume.inode("/e/f")).isEqualTo(inode);
            assertThat(Objects.requireNonNull(volume.stat("/g")).size())
                    .isEqualTo(old.length + more.length);
            volume.reopen();
            volume.append("/g", "end");
            volume.unlink("/e/f");
            volume.tier().media(FileTier.Media.OFFLINE);
            volume.archive();
            assertThat(volume.overlay().status().upper().files()).isEqualTo(1);
            volume.tier().media(FileTier.Media.ON_SSD);
            volume.archive();
            assertThat(volume.overlay().status().upper().files()).isZero();
            volume.mergeAll();
            volume.reopen();
            assertThat(volume.readAll("/g")).isEqualTo(join(join(old, more), Volume.bytes("end")));
            assertThat(volume.list("/")).containsExactly("d", "e", "g", "other");
            assertThat(volume.list("/e")).isEmpty();
        }
    }

    @Test
    void aFileThatIsGoneWhenItsTailIsLateStaysGone() throws Exception {
        settings.tailWait = Duration.ofMillis(1500);
        try (Volume volume = Volume.in(directory, settings)) {
            volume.create("/f", "old");
            volume.archive();
            volume.tier().media(FileTier.Media.OFFLINE);
            volume.append("/f", "new");
            OpenFile open = volume.open("/f", OpenMode.READ);
            Thread round = Thread.ofPlatform().start(() -> archive(volume));
            Awaitility.await().until(() -> volume.tier().recalls() == 1);
            volume.unlink("/f");
            volume.create("/f", "other");
            round.join();
            open.release();
            volume.tier().media(FileTier.Media.ON_SSD);
            assertThat(volume.text("/f")).isEqualTo("other");
            volume.unlink("/f");
            volume.archive();
            volume.mergeAll();
            assertThat(volume.list("/")).isEmpty();
        }
    }

    private static void archive(Volume volume) {
        try {
            volume.archive();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fourLayersAboveTheBaseAreMergedWithIt() throws Exception {
        settings.mergePolicy = MergePolicy.BASE;
        settings.thresholdBytes = 10_000;
        try (Volume volume = Volume.in(directory, settings)) {
            for (int i = 0; i < 5; i++) {
                volume.create("/f" + i, "");
                volume.append("/f" + i, random(i, 10_000));
                int archived = i + 1;
                Awaitility.await()
                        .until(() -> layers(volume).contains("dir_%02d".formatted(archived)));
                Awaitility.await()
                        .until(() ->
                                volume.overlay().status().work().isEmpty()
                                        && layers(volume).stream()
                                                        .filter(l -> l.startsWith("dir"))
                                                        .count()
                                                == 1);
            }
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(layers(volume)).containsExactly("dir_05", "arc_00_04"));
            for (int i = 0; i < 5; i++) {
                assertThat(volume.readAll("/f" + i)).isEqualTo(random(i, 10_000));
            }
        }
    }

    @Test
    void tieredMergesKeepFewLayersAndWriteEachFewTimes() throws Exception {
        settings.mergePolicy = MergePolicy.TIERED;
        try (Volume volume = Volume.in(directory, settings)) {
            volume.mkdir("/d");
            for (int i = 0; i < 30; i++) {
                volume.create("/d/f" + i, "v" + i);
                if (i % 3 == 2) {
                    volume.unlink("/d/f" + (i - 1));
                }
                if (i % 10 == 9) {
                    volume.rename("/d", "/e");
                    volume.rename("/e", "/d");
                }
                volume.archive();
                volume.overlay().merge(MergeScope.POLICY);
            }
            assertThat(volume.overlay().status().layers()).hasSizeLessThan(9);
            assertThat(volume.list("/d")).hasSize(20).contains("f0", "f2", "f29");
            volume.reopen();
            assertThat(volume.list("/d")).hasSize(20).doesNotContain("f1", "f28");
            assertThat(volume.text("/d/f9")).isEqualTo("v9");
        }
    }

    @Test
    void oldChangesAreArchived() throws Exception {
        settings.maxAge = Duration.ofMillis(300);
        try (Volume volume = Volume.in(directory, settings)) {
            volume.create("/f", "small");
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(layers(volume)).containsExactly("dir_01", "arc_00"));
        }
    }
}

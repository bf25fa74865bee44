package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.round.GcRound;
import io.arcfs.overlay.round.Reclaim;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers are emptied, given back and used again, and nobody ever reads other bytes. */
@Timeout(120)
final class GcTest {
    @TempDir Path directory;

    private static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void write(Volume volume, String path, byte[] content) throws Exception {
        volume.create(path, "");
        volume.append(path, content);
    }

    private static List<ContainerId> containers(Volume volume) {
        return new ArrayList<>(volume.tier().containers().keySet());
    }

    private static void assertContents(Volume volume, Map<String, byte[]> expected)
            throws Exception {
        for (Map.Entry<String, byte[]> file : expected.entrySet()) {
            assertThat(volume.readAll(file.getKey())).as(file.getKey()).isEqualTo(file.getValue());
        }
    }

    /** Fills some containers, deletes two files of three, and archives that, too. */
    private static Map<String, byte[]> filledAndThinned(Volume volume) throws Exception {
        Map<String, byte[]> expected = new TreeMap<>();
        volume.mkdir("/d");
        for (int i = 0; i < 60; i++) {
            byte[] content = random(i, 150_000 + i * 1000);
            write(volume, "/d/f" + i, content);
            expected.put("/d/f" + i, content);
            if (i % 15 == 14) {
                volume.archive();
            }
        }
        volume.overlay().flush();
        for (int i = 0; i < 60; i++) {
            if (i % 3 != 0) {
                volume.unlink("/d/f" + i);
                expected.remove("/d/f" + i);
            }
        }
        volume.archive();
        volume.overlay().flush();
        return expected;
    }

    @Test
    void containersOfDeletedFilesAreEmptiedGivenBackAndUsedAgain() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            OpenFile stays = volume.open("/d/f3", OpenMode.READ);
            byte[] half = Volume.read(stays, 0, 70_000);
            int before = containers(volume).size();
            GcRound.Plan dry = volume.overlay().gcPlan(50);
            assertThat(dry.containers()).hasSizeGreaterThanOrEqualTo(4);
            assertThat(dry.deadBytes()).isGreaterThan(40 * 150_000L);
            assertThat(containers(volume)).hasSize(before);

            GcRound.Plan plan = volume.overlay().gc(50);
            assertThat(plan.containers()).isEqualTo(dry.containers());
            assertContents(volume, expected);
            // Nothing that someone may still read has gone.
            assertThat(containers(volume)).containsAll(plan.containers());
            byte[] whole = Objects.requireNonNull(expected.get("/d/f3"));
            assertThat(half).isEqualTo(Arrays.copyOf(whole, 70_000));
            assertThat(Volume.read(stays, 70_000, 1_000_000))
                    .isEqualTo(Arrays.copyOfRange(whole, 70_000, whole.length));
            stays.release();

            volume.reopen();
            assertThat(containers(volume)).doesNotContainAnyElementsOf(plan.containers());
            assertContents(volume, expected);
            assertThat(volume.overlay().gcPlan(50).containers()).isEmpty();

            for (int i = 0; i < 10; i++) {
                byte[] content = random(1000 + i, 200_000);
                write(volume, "/d/new" + i, content);
                expected.put("/d/new" + i, content);
            }
            volume.archive();
            volume.overlay().flush();
            assertThat(containers(volume))
                    .as("a number is used again under the next sequence")
                    .anyMatch(id -> id.sequence() == 2);
            volume.reopen();
            assertContents(volume, expected);
            volume.mergeAll();
            assertContents(volume, expected);
        }
    }

    @Test
    void aFileThatWasCopiedUpAfterAGcKeepsItsContainer() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            // In memory with its old place, before and after the rewrite.
            volume.inode("/d/f6");
            OpenFile open = volume.open("/d/f6", OpenMode.READ_WRITE);
            assertThat(Volume.read(open, 0, 10)).hasSize(10);
            GcRound.Plan plan = volume.overlay().gc(50);
            assertThat(plan.containers()).isNotEmpty();
            // A new record with the data map of before the rewrite.
            volume.append("/d/f6", "more");
            open.release();
            expected.put(
                    "/d/f6",
                    join(Objects.requireNonNull(expected.get("/d/f6")), Volume.bytes("more")));
            volume.reopen();
            assertContents(volume, expected);
            volume.archive();
            volume.overlay().flush();
            volume.reopen();
            assertContents(volume, expected);
            volume.overlay().gc(100);
            volume.reopen();
            assertContents(volume, expected);
        }
    }

    @Test
    void containersAreGivenBackWhileTheVolumeIsInUse() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            byte[] whole = Objects.requireNonNull(expected.get("/d/f3"));
            OpenFile film = volume.open("/d/f3", OpenMode.READ);
            // Known to the kernel, of which one is read before and after.
            assertThat(volume.readAll("/d/f12")).isEqualTo(expected.get("/d/f12"));
            GcRound.Plan plan = volume.overlay().gc(50);

            Reclaim.Outcome outcome = volume.overlay().giveBack();
            assertThat(outcome.released()).isNotEmpty();
            assertThat(outcome.bytes()).isPositive();
            assertThat(outcome.kept()).as("what the open file reads").isNotEmpty();
            assertThat(containers(volume))
                    .containsAll(outcome.kept())
                    .doesNotContainAnyElementsOf(outcome.released());
            assertThat(Volume.read(film, 0, 1_000_000)).isEqualTo(whole);
            assertContents(volume, expected);

            film.release();
            Reclaim.Outcome rest = volume.overlay().giveBack();
            assertThat(rest.released()).containsExactlyInAnyOrderElementsOf(outcome.kept());
            assertThat(rest.kept()).isEmpty();
            assertThat(containers(volume)).doesNotContainAnyElementsOf(plan.containers());
            assertContents(volume, expected);

            for (int i = 0; i < 10; i++) {
                byte[] content = random(2000 + i, 200_000);
                write(volume, "/d/new" + i, content);
                expected.put("/d/new" + i, content);
            }
            volume.archive();
            volume.overlay().flush();
            assertThat(containers(volume))
                    .as("no number is used again while the volume is open")
                    .allMatch(id -> id.sequence() == 1);
            assertContents(volume, expected);
            volume.reopen();
            assertContents(volume, expected);
            assertThat(volume.overlay().gcPlan(50).containers()).isEmpty();
        }
    }

    @Test
    void aMapThatWasCopiedUpKeepsItsContainerWhileTheVolumeIsInUse() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            OpenFile open = volume.open("/d/f6", OpenMode.READ_WRITE);
            assertThat(Volume.read(open, 0, 10)).hasSize(10);
            volume.overlay().gc(50);
            volume.append("/d/f6", "more");
            open.release();
            expected.put(
                    "/d/f6",
                    join(Objects.requireNonNull(expected.get("/d/f6")), Volume.bytes("more")));
            Reclaim.Outcome outcome = volume.overlay().giveBack();
            assertThat(outcome.released()).isNotEmpty();
            assertContents(volume, expected);
            volume.reopen();
            assertContents(volume, expected);
            volume.overlay().gc(100);
            volume.overlay().giveBack();
            assertContents(volume, expected);
            volume.reopen();
            assertContents(volume, expected);
        }
    }

    @Test
    void whatIsReadBesideAGcIsRight() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            List<String> paths = List.copyOf(expected.keySet());
            AtomicBoolean over = new AtomicBoolean();
            try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
                List<Future<Integer>> reads = new ArrayList<>();
                for (int t = 0; t < 3; t++) {
                    Random random = new Random(t);
                    reads.add(
                            readers.submit(() -> {
                                int files = 0;
                                while (!over.get()) {
                                    String path = paths.get(random.nextInt(paths.size()));
                                    assertThat(volume.readAll(path))
                                            .as(path)
                                            .isEqualTo(expected.get(path));
                                    files++;
                                }
                                return files;
                            }));
                }
                try {
                    for (int round = 0; round < 4; round++) {
                        write(volume, "/d/new" + round, random(3000 + round, 200_000));
                        volume.overlay().gc(100);
                        volume.overlay().giveBack();
                    }
                } finally {
                    over.set(true);
                }
                for (Future<Integer> read : reads) {
                    assertThat(read.get()).isPositive();
                }
            }
            assertContents(volume, expected);
            volume.reopen();
            assertContents(volume, expected);
        }
    }

    @Test
    void nothingIsGivenBackInUseBeforeTheNewPlacesAreOnTheirMedia() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            GcRound.Plan plan = volume.overlay().gc(50);
            volume.tier().unverify();
            Reclaim.Outcome outcome = volume.overlay().giveBack();
            assertThat(outcome.released()).isEmpty();
            assertThat(outcome.kept()).containsAll(plan.containers());
            assertThat(containers(volume)).containsAll(plan.containers());
            assertContents(volume, expected);
        }
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void nothingIsGivenBackBeforeTheNewPlacesAreOnTheirMedia() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            GcRound.Plan plan = volume.overlay().gc(50);
            // As if the media had not taken the new ones yet.
            volume.tier().unverify();
            volume.reopen();
            assertThat(containers(volume)).containsAll(plan.containers());
            assertContents(volume, expected);
            volume.overlay().flush();
            volume.reopen();
            assertThat(containers(volume)).doesNotContainAnyElementsOf(plan.containers());
            assertContents(volume, expected);
        }
    }

    @Test
    void headsOfWhatMovedAreKeptAtTheNewPlace() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            filledAndThinned(volume);
            volume.tier().heads.clear();
            GcRound.Plan plan = volume.overlay().gc(50);
            assertThat(volume.tier().heads)
                    .isNotEmpty()
                    .noneMatch(head ->
                            plan.containers().stream()
                                    .anyMatch(id ->
                                            id.number()
                                                    == FileTier.TINY.containerOf(
                                                            head.extent().address())));
        }
    }

    @Test
    void aRewriteThatWasPublishedButNotCommittedIsForgotten() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            Map<String, byte[]> expected = filledAndThinned(volume);
            volume.mergeAll();
            volume.overlay().flush();
            Path image;
            try (Stream<Path> images = Files.list(directory.resolve("images"))) {
                image = images.findFirst().orElseThrow();
            }
            byte[] before = Files.readAllBytes(image);
            volume.overlay().gc(100);
            byte[] rewritten = Files.readAllBytes(image);
            assertThat(rewritten).isNotEqualTo(before);
            // As a crash leaves it between the two: here the catalog knows the new one.
            Files.write(image, before);
            volume.reopen();
            assertContents(volume, expected);
            assertThat(Files.readAllBytes(image)).isEqualTo(rewritten);
        }
    }

    @Test
    void whatIsPinnedIsPinnedAtItsNewPlace() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            filledAndThinned(volume);
            byte[] path = Volume.bytes("/d/f3");
            List<DeviceExtent> before = volume.overlay().extents(List.of(path));
            volume.tier().pin(before);
            volume.overlay().gc(50);
            List<DeviceExtent> after = volume.overlay().extents(List.of(path));
            assertThat(after).isNotEqualTo(before);
            List<DeviceExtent> pinned = volume.tier().pinned();
            long bytes = 0;
            for (DeviceExtent extent : pinned.subList(before.size(), pinned.size())) {
                assertThat(after)
                        .anyMatch(a -> a.address() <= extent.address() && extent.end() <= a.end());
                bytes += extent.lengthBytes();
            }
            assertThat(bytes).isEqualTo(before.stream().mapToLong(DeviceExtent::lengthBytes).sum());
        }
    }

    @Test
    void aVolumeWithoutGarbageIsLeftAsItIs() throws Exception {
        try (Volume volume = Volume.in(directory)) {
            write(volume, "/f", random(1, 3_000_000));
            volume.archive();
            volume.overlay().flush();
            List<ContainerId> before = containers(volume);
            assertThat(volume.overlay().gc(50).containers()).isEmpty();
            assertThat(containers(volume)).isEqualTo(before);
        }
    }
}

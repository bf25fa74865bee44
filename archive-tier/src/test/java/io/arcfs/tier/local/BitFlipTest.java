package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadExtent;
import io.arcfs.tier.TierMaintenance.VerifyReport;
import io.arcfs.tier.TierMaintenance.VerifyRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One flipped bit in every kind of file that the tier owns: the bytes that are served are right, or
 * an error names the file; and what a second copy has is repaired from it.
 */
@Timeout(300)
final class BitFlipTest {
    private static final Geometry TINY = TierFixture.TINY;
    private static final int OBJECT = TINY.objectBytes();
    private static final ContainerId OPEN = new ContainerId(4, 1);
    private static final long SEED = 20260131;

    @TempDir Path dir;

    private final byte[][] contents = new byte[5][];

    /**
     * Container 1 cold and on SSD, 2 evicted with heads, 3 evicted with some objects back, 4 open.
     */
    private void fill(TierFixture fixture) throws Exception {
        for (int number = 1; number <= 3; number++) {
            contents[number] =
                    fixture.fillAndClose(new ContainerId(number, 1), number, 40 * OBJECT);
        }
        long second = TINY.containerStart(2);
        fixture.tier
                .control()
                .keepHeads(
                        List.of(
                                new HeadExtent(
                                        new DeviceExtent(second, 5 * 4096), HeadExtent.Kind.HEAD)));
        fixture.tier.control().awaitDestaged();
        for (int number = 2; number <= 3; number++) {
            fixture.tier
                    .control()
                    .evict(List.of(new DeviceExtent(TINY.containerStart(number), 40L * OBJECT)));
        }
        fixture.read(TINY.containerStart(3), 5 * OBJECT);
        contents[4] = TierFixture.random(4, 10 * OBJECT);
        fixture.tier.control().open(OPEN);
        fixture.write(TINY.containerStart(4), contents[4]);
        fixture.tier.device().flush();
    }

    /** Every container's bytes, or an error; never anything else. Returns how many were errors. */
    private int readAll(TierFixture fixture, String flipped) {
        int errors = 0;
        for (int number = 1; number <= 4; number++) {
            for (int at = 0; at < contents[number].length; at += OBJECT) {
                int length = Math.min(OBJECT, contents[number].length - at);
                byte[] actual;
                try {
                    actual = fixture.read(TINY.containerStart(number) + at, length);
                } catch (IOException e) {
                    assertThat(e.getMessage()).as(flipped).isNotBlank();
                    errors++;
                    continue;
                }
                byte[] right = Arrays.copyOfRange(contents[number], at, at + length);
                assertThat(Arrays.mismatch(actual, right))
                        .as("%s: container %d, first wrong byte behind %d", flipped, number, at)
                        .isEqualTo(-1);
            }
        }
        return errors;
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith("LOCK"))
                    .filter(file -> !String.valueOf(file.getFileName()).startsWith("LOG"))
                    .sorted()
                    .toList();
        }
    }

    /** A place in the file that is not a hole, if there is one. */
    private static long place(Path file, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int tries = 0; tries < 10_000; tries++) {
            int at = random.nextInt(bytes.length);
            if (bytes[at] != 0) {
                return at;
            }
        }
        return random.nextInt(bytes.length);
    }

    @Test
    void neverServesOtherBytesAndLosesNothingThatHasASecondCopy() throws Exception {
        Random random = new Random(SEED);
        List<String> kinds = new ArrayList<>();
        try (TierFixture fixture = TierFixture.open(dir, 2, 2)) {
            fill(fixture);
            fixture.mediaMayFail = true;
            fixture.tier.close();
            for (Path file : files(dir)) {
                String name = dir.relativize(file).toString();
                if (Files.size(file) == 0) {
                    continue;
                }
                long at = place(file, random);
                Path aside = dir.resolveSibling(dir.getFileName() + "-kept");
                copy(dir, aside);
                String flipped = name + " bit of byte " + at;
                TierFixture.flip(file, at);
                String refused = "";
                try {
                    fixture.reopenClosed();
                } catch (IOException | IllegalArgumentException e) {
                    refused = String.valueOf(e.getMessage());
                    assertThat(refused).as(flipped).isNotBlank();
                }
                if (refused.isEmpty()) {
                    int errors = readAll(fixture, flipped);
                    boolean only = name.contains("c00000004");
                    if (!only) {
                        assertThat(errors).as("%s: there is a second copy", flipped).isZero();
                    }
                    VerifyReport report =
                            fixture.tier
                                    .maintenance()
                                    .verify(new VerifyRequest(Long.MAX_VALUE, true, List.of()));
                    assertThat(report.damaged())
                            .as(flipped)
                            .allMatch(damage ->
                                    damage.repaired()
                                            || damage.what().startsWith("cannot be opened"));
                    fixture.tier.close();
                }
                kinds.add(name + (refused.isEmpty() ? "" : " refused: " + refused));
                delete(dir);
                copy(aside, dir);
                delete(aside);
            }
            fixture.reopenClosed();
            assertThat(readAll(fixture, "nothing")).isZero();
        }
        assertThat(kinds)
                .as("kinds of files")
                .anyMatch(k -> k.contains("ssd/c00000001.0001"))
                .anyMatch(k -> k.contains("c00000001.0001.crc"))
                .anyMatch(k -> k.contains("heads/h00000002.0001"))
                .anyMatch(k -> k.contains("cold0") && k.contains("c00000003.0001"))
                .anyMatch(k -> k.contains("label"))
                .anyMatch(k -> k.contains("catalog"));
        kinds.forEach(System.out::println);
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        Process cp =
                new ProcessBuilder("cp", "-a", "--sparse=always", from + "/.", to.toString())
                        .inheritIO()
                        .start();
        assertThat(cp.waitFor()).isZero();
    }

    /** What is in a folder. */
    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(folder)) {
                    Files.delete(path);
                }
            }
        }
    }
}

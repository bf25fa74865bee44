package io.arcfs.tier.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SimMediumTest extends MediumContract {
    private static final SimSettings SMALL =
            new SimSettings(
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(120),
                    60_000_000,
                    200 * TINY.containerBytes(),
                    1);

    @TempDir Path dir;

    private final MediumClock clock = MediumClock.virtual();

    @Override
    SimMedium open() throws IOException {
        return SimMedium.over(
                DirectoryMedium.openOrCreate(dir.resolve("cold"), VOLUME, TINY),
                TINY,
                SMALL,
                clock);
    }

    @Override
    void flip(String place, long offsetInContainer) throws IOException {
        try (PosixFile file =
                PosixFile.open(folder().resolve(place), OpenFlag.READ, OpenFlag.WRITE)) {
            byte[] one = new byte[1];
            assertThat(file.read(offsetInContainer, MemorySegment.ofArray(one))).isEqualTo(1);
            one[0] ^= 1;
            file.write(offsetInContainer, MemorySegment.ofArray(one));
        }
    }

    private Path folder() {
        return dir.resolve("cold/arcfs-" + VOLUME);
    }

    private void faults(String... lines) throws IOException {
        Files.write(folder().resolve(SimFaults.FILE), Arrays.asList(lines));
    }

    private double seconds() {
        return clock.nanos() / 1e9;
    }

    @Test
    void theFirstAccessMountsAndEveryWayIsPaidByItsDistance() throws IOException {
        String first;
        String far;
        try (Medium medium = open()) {
            first = write(medium, ID, random(12_288));
            for (int i = 0; i < 97; i++) {
                write(medium, new ContainerId(i % 3, 5), random(4096)); // each at a new place
            }
            far = write(medium, new ContainerId(9, 1), random(12_288));
        }
        try (Medium medium = open()) {
            byte[] object = new byte[12_288];
            double start = seconds();
            medium.read(first, 0, MemorySegment.ofArray(object));
            assertThat(seconds() - start).isBetween(30.0, 30.01);
            start = seconds();
            medium.read(far, 0, MemorySegment.ofArray(object));
            assertThat(seconds() - start).as("onward it just passes by").isBetween(3.0, 4.0);
            start = seconds();
            medium.read(far, 12_288, MemorySegment.ofArray(object));
            assertThat(seconds() - start).as("where it stands").isLessThan(0.001);
            start = seconds();
            medium.read(first, 0, MemorySegment.ofArray(object));
            assertThat(seconds() - start).as("half of the way back").isBetween(58.0, 63.0);
        }
    }

    @Test
    void itIsAppendOnlyAndFullWhenItsEndIsReachedThoughPlacesWereFreed() throws IOException {
        try (Medium medium = open()) {
            long free = medium.freeBytes();
            medium.free(write(medium, ID, random(4096)));
            assertThat(free - medium.freeBytes()).isEqualTo(TINY.containerBytes());
            for (int i = 1; i < 200; i++) {
                write(medium, ID, random(4096));
            }
            assertThat(medium.freeBytes()).isZero();
            assertThatThrownBy(() -> medium.begin(ID))
                    .isInstanceOfSatisfying(
                            PosixException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
        }
    }

    @Test
    void injectedFaultsHappenAndEnd() throws IOException {
        try (Medium medium = open()) {
            byte[] bytes = random(12_288);
            String place = write(medium, ID, bytes);
            byte[] back = new byte[12_288];
            MemorySegment target = MemorySegment.ofArray(back);

            faults("error read");
            assertThatThrownBy(() -> medium.read(place, 0, target)).hasMessageContaining("error");
            faults("vanish");
            assertThatThrownBy(() -> medium.read(place, 0, target)).hasMessageContaining("vanish");
            assertThatThrownBy(() -> medium.begin(ID)).hasMessageContaining("vanish");
            assertThatThrownBy(this::open).hasMessageContaining("vanish");
            faults("error write");
            assertThatThrownBy(() -> write(medium, new ContainerId(8, 1), bytes))
                    .hasMessageContaining("error write");
            faults("full");
            assertThat(medium.freeBytes()).isZero();
            assertThatThrownBy(() -> medium.begin(ID)).isInstanceOf(PosixException.class);
            faults("flip 5000");
            medium.read(place, 4096, target.asSlice(0, 4096));
            assertThat(back[5000 - 4096]).isEqualTo((byte) (bytes[5000] ^ 4));
            faults("slow 7000");
            double start = seconds();
            medium.read(place, 8192, target.asSlice(0, 4096));
            assertThat(seconds() - start).isBetween(7.0, 9.1);
            faults("short write");
            String torn = write(medium, new ContainerId(7, 1), bytes);
            faults();
            medium.read(torn, 0, target);
            assertThat(back).isNotEqualTo(bytes);
            assertThat(medium.list().damaged()).as("its footer is cut, too").hasSize(1);
            medium.read(place, 0, target);
            assertThat(back).isEqualTo(bytes);
        }
    }
}

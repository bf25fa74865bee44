package io.arcfs.tier.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.medium.AlignedFile.Transfers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockMediumTest extends MediumContract {
    private static final long BYTES = 12 * TINY.containerBytes();

    @TempDir Path dir;

    private @Nullable UUID known;

    @Override
    BlockMedium open() throws IOException {
        BlockMedium medium = BlockMedium.open(file(), VOLUME, TINY, known, BYTES, transfers());
        known = medium.id();
        return medium;
    }

    Transfers transfers() {
        return Transfers.BEST;
    }

    private Path file() {
        return dir.resolve("disk");
    }

    @Override
    void flip(String place, long offsetInContainer) throws IOException {
        long slots = (1 << 20) + Integer.parseInt(place.substring(4)) * TINY.containerBytes();
        flipAt(slots + offsetInContainer);
    }

    private void flipAt(long offset) throws IOException {
        try (PosixFile file = PosixFile.open(file(), OpenFlag.READ, OpenFlag.WRITE)) {
            byte[] one = new byte[1];
            assertThat(file.read(offset, MemorySegment.ofArray(one))).isEqualTo(1);
            one[0] ^= 1;
            file.write(offset, MemorySegment.ofArray(one));
        }
    }

    @Test
    void aDiskThatHoldsSomethingElseIsRefusedAndLeftAlone() throws IOException {
        byte[] other = new byte[4 << 20];
        other[1080] = 0x53; // where ext4 has its magic
        Files.write(file(), other);
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the label of a cold medium");
        assertThat(Files.readAllBytes(file())).isEqualTo(other);
    }

    @Test
    void aDiskTooSmallAMissingOneAndADirectoryAreErrorsThatSaySo() throws IOException {
        assertThatThrownBy(() -> BlockMedium.open(file(), VOLUME, TINY, null, 0))
                .isInstanceOf(IOException.class);
        Files.write(file(), new byte[1 << 20]);
        assertThatThrownBy(this::open).hasMessageContaining("no room for one container");
        Files.write(file(), new byte[100]);
        assertThatThrownBy(this::open).hasMessageContaining("too small");
        assertThatThrownBy(() -> BlockMedium.open(dir, VOLUME, TINY, null, 0))
                .hasMessageContaining("is a directory");
    }

    @Test
    void aDiskShorterThanItsLabelSaysIsRefused() throws IOException {
        open().close();
        try (PosixFile file = PosixFile.open(file(), OpenFlag.WRITE)) {
            file.truncate(BYTES / 2);
        }
        assertThatThrownBy(this::open).hasMessageContaining("shorter than its label says");
    }

    @Test
    void everyDamagedBitOfTheLabelIsFound() throws IOException {
        open().close();
        for (int at = 0; at < MediumLabel.BYTES; at++) {
            flipAt(at);
            assertThatThrownBy(this::open).isInstanceOf(IOException.class);
            flipAt(at);
        }
        open().close();
    }

    @Test
    void aDamagedHeaderMakesItsSlotFreeAndNoOther() throws IOException {
        try (Medium medium = open()) {
            write(medium, ID, random(5000));
            write(medium, new ContainerId(4, 1), random(5000));
        }
        flipAt(4096 + 40);
        try (Medium medium = open()) {
            assertThat(medium.list().whole())
                    .singleElement()
                    .satisfies(stored ->
                            assertThat(stored.footer().container())
                                    .isEqualTo(new ContainerId(4, 1)));
        }
    }

    @Test
    void itIsFullWhenEverySlotIsAndNotBefore() throws IOException {
        try (Medium medium = open()) {
            int written = 0;
            while (medium.freeBytes() > 0) {
                write(medium, new ContainerId(written++, 1), random(5000));
            }
            assertThat(written).isEqualTo(11);
            assertThatThrownBy(() -> medium.begin(ID)).isInstanceOf(PosixException.class);
            medium.free(medium.list().whole().get(5).place());
            write(medium, ID, random(5000));
        }
    }
}

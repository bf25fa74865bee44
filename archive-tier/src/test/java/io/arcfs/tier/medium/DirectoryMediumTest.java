package io.arcfs.tier.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryMediumTest extends MediumContract {
    @TempDir Path dir;

    @Override
    Medium open() throws IOException {
        return DirectoryMedium.openOrCreate(dir.resolve("cold"), VOLUME, TINY);
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

    @Test
    void aContainersFileHasItsBytesAtTheirNaturalOffsets() throws IOException {
        byte[] bytes = random(30_000);
        try (Medium medium = open()) {
            write(medium, ID, bytes);
        }
        Path file = folder().resolve("c00000003.0001");
        byte[] content = Files.readAllBytes(file);
        assertThat(content).hasSize((int) TINY.containerBytes());
        assertThat(Arrays.copyOf(content, bytes.length)).isEqualTo(bytes);
        assertThat(content[(int) TINY.dataBytes()]).isEqualTo((byte) 'A');
    }

    @Test
    void anUnmountedDiskIsNotTakenForAnEmptyMedium() throws IOException {
        UUID id;
        try (Medium medium = open()) {
            id = medium.id();
        }
        Files.move(dir.resolve("cold"), dir.resolve("unmounted"));
        Files.createDirectory(dir.resolve("cold"));
        assertThatThrownBy(() -> DirectoryMedium.open(dir.resolve("cold"), VOLUME, TINY, id))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is the disk or share mounted?");
        assertThat(dir.resolve("cold")).isEmptyDirectory();
        try (Medium moved = DirectoryMedium.open(dir.resolve("unmounted"), VOLUME, TINY, id)) {
            assertThat(moved.id()).isEqualTo(id);
        }
        assertThatThrownBy(() ->
                        DirectoryMedium.open(
                                dir.resolve("unmounted"), VOLUME, TINY, new UUID(1, 1)))
                .hasMessageContaining("is medium " + id);
    }

    @Test
    void whatIsNoFolderIsAnErrorThatNamesIt() throws IOException {
        Files.writeString(dir.resolve("cold"), "x");
        assertThatThrownBy(this::open).hasMessage(dir.resolve("cold") + ": is no directory");
        Files.delete(dir.resolve("cold"));
        Files.createSymbolicLink(dir.resolve("cold"), dir.resolve("cold"));
        assertThatThrownBy(this::open).hasMessage(dir.resolve("cold") + ": is no directory");
    }

    @Test
    void aDamagedOrNewerLabelIsAnErrorThatSaysSo() throws IOException {
        open().close();
        Path label = folder().resolve("label");
        byte[] bytes = Files.readAllBytes(label);
        assertThat(bytes).hasSize(MediumLabel.BYTES);
        for (int at = 0; at < bytes.length; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 4;
            assertThatThrownBy(() -> MediumLabel.decode(flipped, "label"))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("label: ");
        }
        Files.write(label, new byte[0]);
        assertThatThrownBy(this::open).hasMessageContaining("not the label of a cold medium");
    }

    @Test
    void aPlaceThatLeavesTheFolderIsRefused() throws IOException {
        try (Medium medium = open()) {
            assertThatThrownBy(() -> medium.free("../../cold"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no place is called");
        }
    }

    @Test
    void foreignFilesAreLeftAlone() throws IOException {
        open().close();
        Files.writeString(folder().resolve("README"), "mine");
        try (Medium medium = open()) {
            assertThat(medium.list().damaged()).isEmpty();
            assertThat(medium.usedBytes()).isZero();
        }
        assertThat(folder().resolve("README")).exists();
    }
}

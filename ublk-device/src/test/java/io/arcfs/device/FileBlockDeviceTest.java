package io.arcfs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileBlockDeviceTest {
    private static final long SIZE = 1L << 40;

    @TempDir Path dir;

    @Test
    void aTerabyteOfZerosTakesNoSpaceAndKeepsWhatIsWritten() throws IOException {
        Path path = dir.resolve("device");
        byte[] block = new byte[4096];
        java.util.Arrays.fill(block, (byte) 3);
        try (FileBlockDevice device = FileBlockDevice.create(path, SIZE)) {
            device.write(SIZE - 4096, MemorySegment.ofArray(block));
            device.flush();
        }
        try (FileBlockDevice device = FileBlockDevice.open(path, OpenFlag.READ, OpenFlag.WRITE)) {
            assertThat(device.sizeBytes()).isEqualTo(SIZE);
            byte[] back = new byte[8192];
            device.read(SIZE - 8192, MemorySegment.ofArray(back));
            assertThat(back[4095]).isZero();
            assertThat(back[4096]).isEqualTo((byte) 3);
            assertThat(Posix.lstat(Posix.bytes(path)).blocks512()).isLessThan(200);
            device.discard(SIZE - 4096, 4096);
            device.read(SIZE - 8192, MemorySegment.ofArray(back));
            assertThat(back).containsOnly(0);
        }
    }

    @Test
    void whatIsOutsideOrNotWholeBlocksIsRefused() throws IOException {
        try (FileBlockDevice device = FileBlockDevice.create(dir.resolve("device"), 8192)) {
            MemorySegment block = MemorySegment.ofArray(new byte[4096]);
            assertThatThrownBy(() -> device.write(8192, block))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.read(-4096, block))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.read(512, block))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aFileCutUnderTheDeviceIsAnErrorNotZeros() throws IOException {
        Path path = dir.resolve("device");
        try (FileBlockDevice device = FileBlockDevice.create(path, 8192)) {
            try (var channel = Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            assertThatThrownBy(() -> device.read(0, MemorySegment.ofArray(new byte[8192])))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ends at 4096");
        }
        assertThatThrownBy(() -> FileBlockDevice.create(path, 8192)).hasMessageContaining("EEXIST");
    }
}

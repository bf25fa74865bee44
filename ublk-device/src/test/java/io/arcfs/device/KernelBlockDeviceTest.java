package io.arcfs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.OpenFlag;
import io.arcfs.uring.NeedsIoUring;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@NeedsIoUring
class KernelBlockDeviceTest extends BlockDeviceContract {
    @Override
    BlockDevice make(Path file) throws IOException {
        FileBlockDevice.create(file, SIZE).close();
        return KernelBlockDevice.open(file);
    }

    @Test
    void aFileCutUnderTheDeviceIsAnErrorNotZeros() throws IOException {
        Path path = directory.resolve("device");
        FileBlockDevice.create(path, 1 << 20).close();
        try (KernelBlockDevice device = KernelBlockDevice.open(path)) {
            try (var channel =
                    java.nio.file.Files.newByteChannel(
                            path, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            assertThatThrownBy(() -> device.read(0, MemorySegment.ofArray(new byte[1 << 20])))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("EIO");
        }
    }

    @Test
    void aDeviceOpenedForReadingTakesNoWrites() throws IOException {
        Path path = directory.resolve("device");
        FileBlockDevice.create(path, 1 << 20).close();
        try (KernelBlockDevice device = KernelBlockDevice.open(path, OpenFlag.READ)) {
            assertThat(device.sizeBytes()).isEqualTo(1 << 20);
            assertThatThrownBy(() -> device.write(0, MemorySegment.ofArray(new byte[4096])))
                    .hasMessageContaining("EBADF");
        }
    }

    @Test
    void sizesThatAreNoBlocksAreRefused() throws IOException {
        Path path = directory.resolve("device");
        java.nio.file.Files.write(path, new byte[5000]);
        assertThatThrownBy(() -> KernelBlockDevice.open(path))
                .hasMessageContaining("5000 bytes are not a multiple of 4096");
    }
}

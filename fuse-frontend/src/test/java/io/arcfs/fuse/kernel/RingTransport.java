package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.arcfs.fuse.Mount;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Transport;
import io.arcfs.overlay.FileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The native transport with requests over io_uring. The kernel's switch for it, which is off by
 * default, is on while a mount is made: mounts that were made with it keep it.
 */
final class RingTransport implements Transport {
    private final NativeTransport transport = new NativeTransport();

    @Override
    public String name() {
        return transport.name();
    }

    @Override
    public Mount mount(FileSystem fileSystem, Path mountpoint, MountOptions options)
            throws MountException {
        assumeTrue(
                Files.isWritable(Rings.PARAMETER),
                "FUSE over io_uring wants Linux 6.14, and root to switch it on");
        String before = parameter("Y");
        try {
            Rings usable = Rings.forEveryCpu();
            Rings.close(usable.open());
            assumeTrue(usable.offBecause() == null, () -> "no io_uring: " + usable.offBecause());
            Mount mount =
                    transport.mount(
                            fileSystem, mountpoint, options.with(MountOptions.Flag.IO_URING, true));
            assertThat(mount.ioUringOff()).isEmpty();
            return mount;
        } finally {
            parameter(before);
        }
    }

    /** How many the kernel has. */
    static int queues() {
        String before = parameter("Y");
        try {
            Rings rings = Rings.forEveryCpu();
            Rings.close(rings.open());
            return rings.open().size();
        } finally {
            parameter(before);
        }
    }

    /** Sets the switch, and says what it was. */
    static String parameter(String value) {
        try {
            String before = Files.readString(Rings.PARAMETER).strip();
            Files.writeString(Rings.PARAMETER, value);
            return before;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

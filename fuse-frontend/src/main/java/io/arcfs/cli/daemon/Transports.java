package io.arcfs.cli.daemon;

import io.arcfs.fuse.Mount;
import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.MountOptions.TransportChoice;
import io.arcfs.fuse.Transport;
import io.arcfs.fuse.UnsupportedKernelException;
import io.arcfs.fuse.jnr.JnrTransport;
import io.arcfs.fuse.kernel.NativeTransport;
import io.arcfs.overlay.FileSystem;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transports by the choice of {@code -o fuse=}. Stateless. */
final class Transports {
    private static final Logger LOG = LoggerFactory.getLogger(Transports.class);

    private Transports() {}

    static Transport of(TransportChoice choice) {
        return switch (choice) {
            case NATIVE -> new NativeTransport();
            case JNR -> new JnrTransport();
            case AUTO -> new Best();
        };
    }

    /** Native, or libfuse where the kernel is too old for it. */
    private static final class Best implements Transport {
        @Override
        public String name() {
            return "auto";
        }

        @Override
        public Mount mount(FileSystem fileSystem, Path mountpoint, MountOptions options)
                throws MountException {
            try {
                return new NativeTransport().mount(fileSystem, mountpoint, options);
            } catch (UnsupportedKernelException e) {
                LOG.warn("fuse=jnr is used reason={}", e.getMessage());
                return new JnrTransport().mount(fileSystem, mountpoint, options);
            }
        }
    }
}

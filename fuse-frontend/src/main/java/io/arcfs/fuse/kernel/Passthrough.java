package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.arcfs.fuse.abi.FuseCalls;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenFile;
import io.arcfs.posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands backing files to the kernel, which then reads and maps them itself (FUSE_PASSTHROUGH, Linux
 * 6.9). Given up for good, with a reason, when the kernel refuses the first time. Thread-safe.
 */
final class Passthrough {
    private static final Logger LOG = LoggerFactory.getLogger(Passthrough.class);

    /** FUSE_DEV_IOC_BACKING_OPEN takes {@code struct fuse_backing_map}: fd, flags, padding. */
    private static final long BACKING_OPEN = 0x4010e501L;

    private static final long BACKING_CLOSE = 0x4004e502L;
    private static final int MAP_BYTES = 16;

    private final int device;
    private volatile @Nullable String offBecause;

    /**
     * @param offBecause why it is not to be tried, or null
     */
    Passthrough(int device, @Nullable String offBecause) {
        this.device = device;
        this.offBecause = offBecause;
    }

    /** Why the kernel does not read backing files itself; empty if it does. */
    Optional<String> offBecause() {
        return Optional.ofNullable(offBecause);
    }

    /** The one file that holds the bytes of another, kept until released; null if there is none. */
    @Nullable BackingFile backingOf(OpenFile file) {
        if (offBecause != null) {
            return null;
        }
        try {
            return file.backing();
        } catch (FsException e) {
            LOG.debug("no backing file inode={} reason={}", file.inode(), e.getMessage());
            return null; // it is read like any other, and a read that fails says why
        }
    }

    /** Makes a backing file known to the kernel; what it names it by, or 0. */
    int register(BackingFile backing) {
        int id = backing.withDescriptor(this::open);
        if (id > 0) {
            return id;
        }
        Errno errno = Errno.of(-id);
        if (errno == Errno.ENFILE || errno == Errno.EMFILE || errno == Errno.ENOMEM) {
            return 0; // passes
        }
        String reason =
                switch (errno) {
                    case EPERM -> "the daemon lacks CAP_SYS_ADMIN";
                    case ELOOP -> "the volume lies on a stacked file system";
                    default -> "the kernel refused a backing file: " + errno.description();
                };
        if (offBecause == null) {
            LOG.warn("passthrough is off reason={}", reason);
        }
        offBecause = reason;
        return 0;
    }

    private int open(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = arena.allocate(MAP_BYTES, Long.BYTES);
            map.set(JAVA_INT, 0, descriptor);
            return new FuseCalls().ioctl(device, BACKING_OPEN, map);
        }
    }

    void unregister(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(JAVA_INT);
            argument.set(JAVA_INT, 0, id);
            int result = new FuseCalls().ioctl(device, BACKING_CLOSE, argument);
            if (result < 0) {
                LOG.debug("backing id={} was gone: {}", id, Errno.of(-result));
            }
        }
    }
}

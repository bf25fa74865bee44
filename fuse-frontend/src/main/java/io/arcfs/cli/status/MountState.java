package io.arcfs.cli.status;

import org.jspecify.annotations.Nullable;

/**
 * How a volume is reached at the moment. Immutable.
 *
 * @param mountpoint null if it is not mounted
 * @param pid of the process that has it open, null if none has
 * @param fuse the transport, null if it is not mounted
 * @param passthrough {@code on}, or {@code off: } and why; null if it is not mounted
 * @param ioUring the same of requests over io_uring
 */
public record MountState(
        @Nullable String mountpoint,
        @Nullable Long pid,
        @Nullable String fuse,
        @Nullable String passthrough,
        @Nullable String ioUring) {
    public static final MountState IDLE = new MountState(null, null, null, null, null);

    /** Open by a process, or known to be mounted, with nobody to say more. */
    public static MountState of(@Nullable String mountpoint, @Nullable Long pid) {
        return new MountState(mountpoint, pid, null, null, null);
    }
}

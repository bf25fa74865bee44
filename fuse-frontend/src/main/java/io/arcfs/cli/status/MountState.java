package io.arcfs.cli.status;

import org.jspecify.annotations.Nullable;

/**
 * How a volume is reached at the moment. Immutable.
 *
 * @param mountpoint null if it is not mounted
 * @param pid of the process that has it open, null if none has
 * @param fuse the transport, null if it is not mounted
 */
public record MountState(@Nullable String mountpoint, @Nullable Long pid, @Nullable String fuse) {
    public static final MountState IDLE = new MountState(null, null, null);
}

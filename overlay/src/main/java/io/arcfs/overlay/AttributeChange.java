package io.arcfs.overlay;

import org.jspecify.annotations.Nullable;

/**
 * A change of attributes; null leaves one as it is. atime moves only when it is set: reading does
 * not touch it, and until it is set it reads as mtime.
 */
public record AttributeChange(
        @Nullable Integer permissions,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long size,
        @Nullable Time atime,
        @Nullable Time mtime) {
    /** A point in time; {@link #NOW} means the moment of the call. */
    public record Time(long seconds, int nanos) {
        public static final Time NOW = new Time(Long.MIN_VALUE, 0);
    }

    public static AttributeChange ofPermissions(int permissions) {
        return new AttributeChange(permissions, null, null, null, null, null);
    }

    public static AttributeChange ofOwner(@Nullable Integer uid, @Nullable Integer gid) {
        return new AttributeChange(null, uid, gid, null, null, null);
    }

    public static AttributeChange ofSize(long size) {
        return new AttributeChange(null, null, null, size, null, null);
    }

    public static AttributeChange ofTimes(@Nullable Time atime, @Nullable Time mtime) {
        return new AttributeChange(null, null, null, null, atime, mtime);
    }
}

package io.arcfs.overlay;

import org.jspecify.annotations.Nullable;

/**
 * A change of attributes; null leaves one as it is. Setting atime alone changes only ctime, because
 * atime reads as mtime.
 */
public record AttributeChange(
        @Nullable Integer permissions,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long size,
        @Nullable Time mtime,
        boolean touchesAtime) {
    /** A point in time; {@link #NOW} means the moment of the call. */
    public record Time(long seconds, int nanos) {
        public static final Time NOW = new Time(Long.MIN_VALUE, 0);
    }

    public static AttributeChange ofPermissions(int permissions) {
        return new AttributeChange(permissions, null, null, null, null, false);
    }

    public static AttributeChange ofOwner(@Nullable Integer uid, @Nullable Integer gid) {
        return new AttributeChange(null, uid, gid, null, null, false);
    }

    public static AttributeChange ofSize(long size) {
        return new AttributeChange(null, null, null, size, null, false);
    }

    public static AttributeChange ofTimes(@Nullable Time mtime, boolean touchesAtime) {
        return new AttributeChange(null, null, null, null, mtime, touchesAtime);
    }
}

package io.arcfs.overlay.stack;

import io.arcfs.erofs.Xattr;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The xattrs by which an image records what EROFS has no field for. The overlay marks are kernel
 * overlayfs' own, so that a stock kernel stacks our images right.
 */
public final class Marks {
    /** A directory whose lower directories do not show; the value is exactly "y". */
    public static final byte[] OPAQUE = ascii("trusted.overlay.opaque");

    /** Absolute path where a directory goes on below its layer. */
    public static final byte[] REDIRECT = ascii("trusted.overlay.redirect");

    /** Empty; on directories that hold whiteouts, so that overlayfs filters them from listings. */
    public static final byte[] ORIGIN = ascii("trusted.overlay.origin");

    /** ctime where it differs from mtime: seconds i64, nanoseconds i32, little-endian. */
    public static final byte[] CTIME = ascii("trusted.arcfs.ctime");

    /** atime where it differs from mtime, as ctime. */
    public static final byte[] ATIME = ascii("trusted.arcfs.atime");

    /** A directory's link count where the image's own differs: i32, little-endian. */
    public static final byte[] NLINK = ascii("trusted.arcfs.nlink");

    private static final byte[] OVERLAY_PREFIX = ascii("trusted.overlay.");
    private static final byte[] ARCFS_PREFIX = ascii("trusted.arcfs.");
    private static final byte[] YES = ascii("y");

    private Marks() {}

    /** Names that users can neither see nor set. */
    public static boolean isReserved(byte[] name) {
        return startsWith(name, OVERLAY_PREFIX) || startsWith(name, ARCFS_PREFIX);
    }

    public static Xattr opaque() {
        return new Xattr(OPAQUE, YES);
    }

    public static boolean isOpaque(byte[] value) {
        return Arrays.equals(value, YES);
    }

    public static Xattr redirect(byte[] path) {
        return new Xattr(REDIRECT, path);
    }

    public static Xattr origin() {
        return new Xattr(ORIGIN, new byte[0]);
    }

    public static Xattr ctime(long seconds, int nanos) {
        return new Xattr(CTIME, time(seconds, nanos));
    }

    public static Xattr atime(long seconds, int nanos) {
        return new Xattr(ATIME, time(seconds, nanos));
    }

    public static Xattr nlink(int count) {
        ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        return new Xattr(NLINK, value.putInt(count).array());
    }

    private static byte[] time(long seconds, int nanos) {
        ByteBuffer value = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        return value.putLong(seconds).putInt(nanos).array();
    }

    /** Takes over what a mark of ours says; a value of another length says nothing. */
    static void apply(Xattr mark, InodeRecordBuilder record) {
        ByteBuffer view = ByteBuffer.wrap(mark.value()).order(ByteOrder.LITTLE_ENDIAN);
        if (view.remaining() == 12 && Arrays.equals(mark.name(), CTIME)) {
            record.ctime(view.getLong(), view.getInt());
        } else if (view.remaining() == 12 && Arrays.equals(mark.name(), ATIME)) {
            record.atime(view.getLong(), view.getInt());
        } else if (view.remaining() == 4 && Arrays.equals(mark.name(), NLINK)) {
            record.nlink(view.getInt());
        }
    }

    private static boolean startsWith(byte[] name, byte[] prefix) {
        return name.length >= prefix.length
                && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

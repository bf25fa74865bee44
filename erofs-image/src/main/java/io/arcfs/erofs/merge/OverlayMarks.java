package io.arcfs.erofs.merge;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The marks of overlay layers, read as the kernel reads them. Stateless.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git/tree/fs/overlayfs/namei.c?h=v6.18">overlayfs/namei.c
 *     at v6.18</a>
 */
final class OverlayMarks {
    static final byte[] OPAQUE = ascii("trusted.overlay.opaque");
    static final byte[] REDIRECT = ascii("trusted.overlay.redirect");
    static final byte[] ORIGIN = ascii("trusted.overlay.origin");
    static final byte[] YES = ascii("y");

    private static final byte[] WHITEOUT = ascii("trusted.overlay.whiteout");
    private static final byte[] METACOPY = ascii("trusted.overlay.metacopy");
    private static final byte[] PREFIX = ascii("trusted.overlay.");

    /** Marks of an overlay that lies inside a layer: content, to this one. */
    private static final byte[] ESCAPED = ascii("trusted.overlay.overlay.");

    private OverlayMarks() {}

    /** Whether the name does not exist here or below. */
    static boolean isWhiteout(ErofsImage image, Inode inode) throws CorruptImageException {
        return inode.isWhiteout() || isXattrWhiteout(image, inode);
    }

    /** The other form of a whiteout: an empty file with a mark. */
    static boolean isXattrWhiteout(ErofsImage image, Inode inode) throws CorruptImageException {
        return inode.isRegular() && inode.size() == 0 && image.xattr(inode.nid(), WHITEOUT) != null;
    }

    /** Whether a file's data is to be found by its name in a lower layer. */
    static boolean isMetacopy(ErofsImage image, Inode inode) throws CorruptImageException {
        return inode.isRegular() && image.xattr(inode.nid(), METACOPY) != null;
    }

    static boolean isOpaque(ErofsImage image, long nid) throws CorruptImageException {
        return Arrays.equals(image.xattr(nid, OPAQUE), YES);
    }

    /** Where a directory goes on below its layer: an absolute path, or a name beside it. */
    static byte @Nullable [] redirect(ErofsImage image, long nid) throws CorruptImageException {
        byte[] redirect = image.xattr(nid, REDIRECT);
        if (redirect != null && !isValid(redirect)) {
            throw new CorruptImageException(
                    nid,
                    "invalid redirect \"%s\" on inode %d (%s)"
                            .formatted(
                                    new String(redirect, StandardCharsets.UTF_8),
                                    nid,
                                    image.name()));
        }
        return redirect;
    }

    private static boolean isValid(byte[] redirect) {
        if (redirect.length == 0 || redirect[redirect.length - 1] == '/') {
            return false;
        }
        boolean absolute = redirect[0] == '/';
        int start = absolute ? 1 : 0;
        for (int i = start; i <= redirect.length; i++) {
            if (i < redirect.length && redirect[i] == 0) {
                return false;
            }
            if (i < redirect.length && redirect[i] != '/') {
                continue;
            }
            int length = i - start;
            boolean dots =
                    length > 0 && length <= 2 && redirect[start] == '.' && redirect[i - 1] == '.';
            if (length == 0 || dots || (!absolute && i < redirect.length)) {
                return false;
            }
            start = i + 1;
        }
        return true;
    }

    /** Whether an attribute is a mark of this overlay and not part of what it shows. */
    static boolean isMark(byte[] name) {
        return startsWith(name, PREFIX) && !startsWith(name, ESCAPED);
    }

    private static boolean startsWith(byte[] name, byte[] prefix) {
        return name.length >= prefix.length
                && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

package io.arcfs.erofs.check;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.layout.CompactInodeLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.InodeFormat;
import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.SuperBlockLayout;
import io.arcfs.erofs.layout.XattrLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The Bloom filter before an inode's xattrs, which kernels from 6.6 on believe: a bit that is set
 * says that no name with its hash is there. A wrong one hides an attribute. Stateless.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git/tree/fs/erofs/xattr.c?h=v6.18">erofs/xattr.c
 *     at v6.18</a>
 */
final class NameFilter {
    private static final int SEED = 0x25BBE08F;

    private static final int PRIME_1 = 0x9E3779B1;
    private static final int PRIME_2 = 0x85EBCA77;
    private static final int PRIME_3 = 0xC2B2AE3D;
    private static final int PRIME_4 = 0x27D4EB2F;
    private static final int PRIME_5 = 0x165667B1;
    private static final int STRIPE = 16;

    private NameFilter() {}

    /** Whether kernels ask the filters of this image. */
    static boolean isUsed(ErofsImage image) throws CorruptImageException {
        byte[] reserved = new byte[1];
        image.copyBytes(
                SuperBlockLayout.SUPER_OFFSET + SuperBlockLayout.XATTR_FILTER_RESERVED,
                MemorySegment.ofArray(reserved));
        return (image.superBlock().compatibleFeatures() & SuperBlockLayout.COMPAT_XATTR_FILTER) != 0
                && reserved[0] == 0;
    }

    static boolean hidesAny(ErofsImage image, Inode inode, List<Xattr> xattrs)
            throws CorruptImageException {
        if (xattrs.isEmpty()) {
            return false;
        }
        long offset = image.inodeOffset(inode.nid());
        MemorySegment format = MemorySegment.ofArray(new byte[2]);
        image.copyBytes(offset + ExtendedInodeLayout.FORMAT, format);
        boolean extended = (LittleEndian.u16(format, 0) & InodeFormat.EXTENDED) != 0;
        MemorySegment filter = MemorySegment.ofArray(new byte[4]);
        image.copyBytes(
                offset
                        + (extended ? ExtendedInodeLayout.SIZE : CompactInodeLayout.SIZE)
                        + XattrLayout.NAME_FILTER,
                filter);
        int absent = (int) LittleEndian.u32(filter, 0);
        return xattrs.stream().anyMatch(xattr -> (absent & 1 << bit(xattr.name())) != 0);
    }

    /** The bit of a full name: of what stands behind its prefix, and which prefix that is. */
    private static int bit(byte[] name) {
        int index = XattrLayout.indexOf(name);
        int start = XattrLayout.prefixOf(index).length;
        return xxh32(name, start, name.length, SEED + index) & 31;
    }

    /** XXH32 of the bytes of an array from one to before another. */
    static int xxh32(byte[] bytes, int start, int end, int seed) {
        MemorySegment input = MemorySegment.ofArray(bytes);
        int at = start;
        int hash = seed + PRIME_5;
        if (end - start >= STRIPE) {
            int[] lanes = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
            for (; at <= end - STRIPE; at += STRIPE) {
                for (int lane = 0; lane < lanes.length; lane++) {
                    int word = (int) LittleEndian.u32(input, at + 4L * lane);
                    lanes[lane] = Integer.rotateLeft(lanes[lane] + word * PRIME_2, 13) * PRIME_1;
                }
            }
            hash =
                    Integer.rotateLeft(lanes[0], 1)
                            + Integer.rotateLeft(lanes[1], 7)
                            + Integer.rotateLeft(lanes[2], 12)
                            + Integer.rotateLeft(lanes[3], 18);
        }
        hash += end - start;
        for (; at <= end - 4; at += 4) {
            int word = (int) LittleEndian.u32(input, at);
            hash = Integer.rotateLeft(hash + word * PRIME_3, 17) * PRIME_4;
        }
        for (; at < end; at++) {
            hash = Integer.rotateLeft(hash + (bytes[at] & 0xFF) * PRIME_5, 11) * PRIME_1;
        }
        hash = (hash ^ hash >>> 15) * PRIME_2;
        hash = (hash ^ hash >>> 13) * PRIME_3;
        return hash ^ hash >>> 16;
    }
}

package io.arcfs.erofs;

import static io.arcfs.erofs.layout.LittleEndian.i64;
import static io.arcfs.erofs.layout.LittleEndian.u16;
import static io.arcfs.erofs.layout.LittleEndian.u32;

import io.arcfs.erofs.layout.CompactInodeLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.InodeFormat;
import io.arcfs.erofs.layout.SuperBlockLayout;
import io.arcfs.erofs.layout.XattrLayout;
import java.lang.foreign.MemorySegment;

/**
 * Decodes inodes in place. An inode is named by the byte offset that {@link #locate} returns;
 * everything else takes such an offset and trusts it. Thread-safe, allocates nothing but records.
 */
final class InodeReader {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NULL_32 = 0xFFFF_FFFFL;
    private static final long NULL_48 = 0xFFFF_FFFF_FFFFL;

    /** Start block of a flat inode without data: all of it is zeros. */
    static final long NO_BLOCK = -1;

    private final ImageBytes image;
    private final MemorySegment bytes;
    private final SuperBlock superBlock;
    private final boolean wide;

    InodeReader(ImageBytes image, SuperBlock superBlock) {
        this.image = image;
        this.bytes = image.segment;
        this.superBlock = superBlock;
        this.wide = superBlock.hasIncompatible(SuperBlockLayout.INCOMPAT_48BIT);
    }

    /** Byte offset of an inode that has been checked as far as it can be by itself. */
    long locate(long nid) throws CorruptImageException {
        long base = superBlock.metaBlock() << superBlock.blockBits();
        if (nid < 0 || nid > (image.size() - base) >> InodeFormat.SLOT_BITS) {
            throw image.corrupt(
                    base, "inode " + Long.toUnsignedString(nid) + " lies beyond the image");
        }
        long inode = base + (nid << InodeFormat.SLOT_BITS);
        image.require(inode, CompactInodeLayout.SIZE, "inode");
        int format = u16(bytes, inode + ExtendedInodeLayout.FORMAT);
        if ((format & ~InodeFormat.ALL) != 0) {
            throw image.corrupt(inode, "unknown bits in i_format 0x%x".formatted(format));
        }
        if (!DataLayout.isDefined(layoutNumber(format))) {
            throw image.corrupt(inode, "unknown data layout " + layoutNumber(format));
        }
        image.require(inode, headerBytes(inode), "inode");
        if (!isKnownType(mode(inode))) {
            throw image.corrupt(inode, "bogus mode 0%o".formatted(mode(inode)));
        }
        if (size(inode) < 0) {
            throw image.corrupt(inode, "size " + Long.toUnsignedString(size(inode)));
        }
        if (isExtended(inode)
                && u32(bytes, inode + ExtendedInodeLayout.MTIME_NSEC) >= NANOS_PER_SECOND) {
            throw image.corrupt(inode, "mtime of more than 10^9 nanoseconds");
        }
        if (u16(bytes, inode + ExtendedInodeLayout.XATTR_ICOUNT) == 1) {
            throw image.corrupt(inode, "xattr count of 1");
        }
        image.require(inode + headerBytes(inode), xattrBytes(inode), "xattrs");
        return inode;
    }

    Inode decode(long nid) throws CorruptImageException {
        long inode = locate(nid);
        boolean extended = isExtended(inode);
        return new Inode(
                nid,
                number(inode),
                mode(inode),
                size(inode),
                nlink(inode),
                extended
                        ? u32(bytes, inode + ExtendedInodeLayout.UID)
                        : u16(bytes, inode + CompactInodeLayout.UID),
                extended
                        ? u32(bytes, inode + ExtendedInodeLayout.GID)
                        : u16(bytes, inode + CompactInodeLayout.GID),
                isDevice(mode(inode)) ? (int) union(inode) : 0,
                extended
                        ? i64(bytes, inode + ExtendedInodeLayout.MTIME)
                        : superBlock.epochSeconds() + u32(bytes, inode + CompactInodeLayout.MTIME),
                extended
                        ? (int) u32(bytes, inode + ExtendedInodeLayout.MTIME_NSEC)
                        : superBlock.fixedNanos(),
                layout(inode));
    }

    boolean isExtended(long inode) {
        return (format(inode) & InodeFormat.EXTENDED) != 0;
    }

    DataLayout layout(long inode) {
        return DataLayout.ofNumber(layoutNumber(format(inode)));
    }

    long number(long inode) {
        return u32(
                bytes,
                inode + (isExtended(inode) ? ExtendedInodeLayout.INO : CompactInodeLayout.INO));
    }

    int mode(long inode) {
        return u16(bytes, inode + ExtendedInodeLayout.MODE);
    }

    long size(long inode) {
        return isExtended(inode)
                ? i64(bytes, inode + ExtendedInodeLayout.FILE_SIZE)
                : u32(bytes, inode + CompactInodeLayout.FILE_SIZE);
    }

    long headerBytes(long inode) {
        return isExtended(inode) ? ExtendedInodeLayout.SIZE : CompactInodeLayout.SIZE;
    }

    /** Length of the xattrs behind the inode. */
    long xattrBytes(long inode) {
        int count = u16(bytes, inode + ExtendedInodeLayout.XATTR_ICOUNT);
        return count == 0 ? 0 : XattrLayout.IBODY_HEADER_SIZE + 4L * (count - 1);
    }

    /** Where inline data or the chunk map begins, the latter not yet aligned. */
    long bodyOffset(long inode) {
        return inode + headerBytes(inode) + xattrBytes(inode);
    }

    /** i_u: start block, chunk format or device number, as the inode's kind says. */
    long union(long inode) {
        return u32(
                bytes, inode + (isExtended(inode) ? ExtendedInodeLayout.U : CompactInodeLayout.U));
    }

    /** First block of a flat inode's data, or {@link #NO_BLOCK}. */
    long startBlock(long inode) {
        long block = union(inode);
        if (wide && (isExtended(inode) || hasOneLink(inode))) {
            block |= (long) u16(bytes, inode + ExtendedInodeLayout.NB) << 32;
            return block == NULL_48 ? NO_BLOCK : block;
        }
        return block == NULL_32 ? NO_BLOCK : block;
    }

    boolean isDotOmitted(long inode) {
        return isDirectory(inode) && (format(inode) & InodeFormat.DOT_OMITTED_OR_NLINK_1) != 0;
    }

    boolean isDirectory(long inode) {
        return (mode(inode) & InodeFormat.S_IFMT) == InodeFormat.S_IFDIR;
    }

    private long nlink(long inode) {
        if (isExtended(inode)) {
            return u32(bytes, inode + ExtendedInodeLayout.NLINK);
        }
        return hasOneLink(inode) ? 1 : u16(bytes, inode + CompactInodeLayout.NB);
    }

    private boolean hasOneLink(long inode) {
        return !isExtended(inode)
                && !isDirectory(inode)
                && (format(inode) & InodeFormat.DOT_OMITTED_OR_NLINK_1) != 0;
    }

    private int format(long inode) {
        return u16(bytes, inode + ExtendedInodeLayout.FORMAT);
    }

    private static int layoutNumber(int format) {
        return format >> InodeFormat.LAYOUT_SHIFT & InodeFormat.LAYOUT_MASK;
    }

    private static boolean isDevice(int mode) {
        int type = mode & InodeFormat.S_IFMT;
        return type == InodeFormat.S_IFCHR || type == InodeFormat.S_IFBLK;
    }

    private static boolean isKnownType(int mode) {
        return switch (mode & InodeFormat.S_IFMT) {
            case InodeFormat.S_IFIFO,
                    InodeFormat.S_IFCHR,
                    InodeFormat.S_IFDIR,
                    InodeFormat.S_IFBLK,
                    InodeFormat.S_IFREG,
                    InodeFormat.S_IFLNK,
                    InodeFormat.S_IFSOCK ->
                    true;
            default -> false;
        };
    }
}

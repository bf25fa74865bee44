package io.arcfs.erofs;

import static io.arcfs.erofs.layout.LittleEndian.u16;
import static io.arcfs.erofs.layout.LittleEndian.u32;
import static io.arcfs.erofs.layout.LittleEndian.u8;

import io.arcfs.erofs.layout.SuperBlockLayout;
import io.arcfs.erofs.layout.XattrLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads extended attributes: inline and shared entries, long name prefixes. Thread-safe. */
final class XattrReader {
    private final ImageBytes image;
    private final MemorySegment bytes;
    private final SuperBlock superBlock;
    private final InodeReader inodes;
    private final List<byte[]> longPrefixes;

    private XattrReader(
            ImageBytes image,
            SuperBlock superBlock,
            InodeReader inodes,
            List<byte[]> longPrefixes) {
        this.image = image;
        this.bytes = image.segment;
        this.superBlock = superBlock;
        this.inodes = inodes;
        this.longPrefixes = longPrefixes;
    }

    static XattrReader open(ImageBytes image, SuperBlock superBlock, InodeReader inodes)
            throws CorruptImageException {
        return new XattrReader(image, superBlock, inodes, readPrefixes(image, superBlock));
    }

    List<Xattr> all(long inode) throws CorruptImageException {
        List<Xattr> found = new ArrayList<>();
        visit(
                inode,
                (prefix, name, nameLength, value, valueLength) -> {
                    byte[] full = new byte[prefix.length + nameLength];
                    System.arraycopy(prefix, 0, full, 0, prefix.length);
                    byte[] rest = image.copy(name, nameLength);
                    System.arraycopy(rest, 0, full, prefix.length, nameLength);
                    found.add(new Xattr(full, image.copy(value, valueLength)));
                    return false;
                });
        return found;
    }

    byte @Nullable [] value(long inode, byte[] fullName) throws CorruptImageException {
        if (inodes.xattrBytes(inode) == 0) {
            return null;
        }
        byte[][] found = new byte[1][];
        boolean present =
                visit(
                        inode,
                        (prefix, name, nameLength, value, valueLength) -> {
                            if (prefix.length + nameLength != fullName.length
                                    || !startsWith(fullName, prefix)
                                    || !image.matches(name, fullName, prefix.length, nameLength)) {
                                return false;
                            }
                            found[0] = image.copy(value, valueLength);
                            return true;
                        });
        return present ? found[0] : null;
    }

    /** Calls the visitor per attribute until it says that it is done; whether it did. */
    private boolean visit(long inode, Visitor visitor) throws CorruptImageException {
        long length = inodes.xattrBytes(inode);
        if (length == 0) {
            return false;
        }
        long start = inode + inodes.headerBytes(inode);
        int shared = u8(bytes, start + XattrLayout.SHARED_COUNT);
        long entry = start + XattrLayout.IBODY_HEADER_SIZE + 4L * shared;
        long end = start + length;
        if (entry > end) {
            throw image.corrupt(start, shared + " shared xattrs in " + length + " bytes");
        }
        for (int i = 0; i < shared; i++) {
            long id = u32(bytes, start + XattrLayout.IBODY_HEADER_SIZE + 4L * i);
            long at = (superBlock.xattrBlock() << superBlock.blockBits()) + 4 * id;
            image.require(at, XattrLayout.ENTRY_SIZE, "shared xattr");
            if (visitEntry(at, image.size(), visitor)) {
                return true;
            }
        }
        while (entry + XattrLayout.ENTRY_SIZE <= end) {
            // Makers leave zero words behind entries they dropped.
            if (u32(bytes, entry) == 0) {
                entry += XattrLayout.ENTRY_SIZE;
                continue;
            }
            if (visitEntry(entry, end, visitor)) {
                return true;
            }
            entry += (entryBytes(entry) + 3) & ~3;
        }
        return false;
    }

    private boolean visitEntry(long entry, long end, Visitor visitor) throws CorruptImageException {
        int nameLength = u8(bytes, entry + XattrLayout.NAME_LEN);
        int valueLength = u16(bytes, entry + XattrLayout.VALUE_SIZE);
        if (entryBytes(entry) > end - entry) {
            throw image.corrupt(entry, "an xattr of " + entryBytes(entry) + " bytes");
        }
        byte[] prefix = prefix(entry, u8(bytes, entry + XattrLayout.NAME_INDEX));
        if (prefix.length == 0) {
            return false; // as the kernel does with a prefix nobody defined
        }
        long name = entry + XattrLayout.ENTRY_SIZE;
        if (prefix.length + nameLength > XattrLayout.NAME_MAX) {
            throw image.corrupt(entry, "an xattr name of more than 255 bytes");
        }
        return visitor.visit(prefix, name, nameLength, name + nameLength, valueLength);
    }

    private int entryBytes(long entry) {
        return XattrLayout.ENTRY_SIZE
                + u8(bytes, entry + XattrLayout.NAME_LEN)
                + u16(bytes, entry + XattrLayout.VALUE_SIZE);
    }

    private byte[] prefix(long entry, int index) throws CorruptImageException {
        if ((index & XattrLayout.LONG_PREFIX) == 0) {
            return XattrLayout.prefixOf(index);
        }
        int number = index & ~XattrLayout.LONG_PREFIX;
        if (number >= longPrefixes.size()) {
            throw image.corrupt(entry, "long xattr prefix " + number + " is not defined");
        }
        return longPrefixes.get(number);
    }

    /** Per prefix, on 4 bytes: length, index of a short prefix, what stands behind that one. */
    private static List<byte[]> readPrefixes(ImageBytes image, SuperBlock superBlock)
            throws CorruptImageException {
        boolean elsewhere =
                superBlock.hasIncompatible(SuperBlockLayout.INCOMPAT_FRAGMENTS)
                        && !superBlock.hasCompatible(SuperBlockLayout.COMPAT_PLAIN_XATTR_PFX);
        if (superBlock.xattrPrefixCount() == 0 || elsewhere) {
            return List.of();
        }
        List<byte[]> prefixes = new ArrayList<>();
        long item = superBlock.xattrPrefixOffsetBytes();
        for (int i = 0; i < superBlock.xattrPrefixCount(); i++) {
            image.require(item, 3, "long xattr prefix");
            int length = u16(image.segment, item);
            if (length < 1 || length > 1 + XattrLayout.NAME_MAX) {
                throw image.corrupt(item, "long xattr prefix of " + length + " bytes");
            }
            image.require(item + 2, length, "long xattr prefix");
            byte[] base = XattrLayout.prefixOf(u8(image.segment, item + 2));
            byte[] infix = image.copy(item + 3, length - 1);
            byte[] full = new byte[base.length + infix.length];
            System.arraycopy(base, 0, full, 0, base.length);
            System.arraycopy(infix, 0, full, base.length, infix.length);
            prefixes.add(base.length == 0 ? new byte[0] : full);
            item += (2 + length + 3) & ~3L;
        }
        return List.copyOf(prefixes);
    }

    private static boolean startsWith(byte[] name, byte[] prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if (name[i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /** Takes one attribute by the places of its parts; true ends the visit. */
    private interface Visitor {
        boolean visit(byte[] prefix, long name, int nameLength, long value, int valueLength)
                throws CorruptImageException;
    }
}

package io.arcfs.erofs.write;

import io.arcfs.erofs.Xattr;

import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.XattrLayout;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Lays out an inode's xattrs behind it, sorted, so that equal sets give equal bytes. Stateless. */
final class XattrEncoder {
    private static final int[] INDEXES = {
        XattrLayout.INDEX_USER,
        XattrLayout.INDEX_POSIX_ACL_ACCESS,
        XattrLayout.INDEX_POSIX_ACL_DEFAULT,
        XattrLayout.INDEX_TRUSTED,
        XattrLayout.INDEX_SECURITY
    };

    private static final Comparator<Entry> BY_NAME =
            Comparator.comparingInt(Entry::index)
                    .thenComparing((left, right) ->
                            Arrays.compareUnsigned(left.xattr.name(), right.xattr.name()));

    private XattrEncoder() {}

    /** Length of the encoded set; throws if it cannot be stored. */
    static int measure(List<Xattr> xattrs) throws UnwritableTreeException {
        if (xattrs.isEmpty()) {
            return 0;
        }
        long length = XattrLayout.IBODY_HEADER_SIZE;
        for (Entry entry : sorted(xattrs)) {
            length += entry.lengthBytes();
        }
        if (length > XattrLayout.IBODY_MAX) {
            throw new UnwritableTreeException("xattrs of " + length + " bytes on one inode");
        }
        return (int) length;
    }

    /** i_xattr_icount of a set of this length. */
    static int icount(int lengthBytes) {
        return lengthBytes == 0 ? 0 : 1 + (lengthBytes - XattrLayout.IBODY_HEADER_SIZE) / 4;
    }

    static byte[] encode(List<Xattr> xattrs) throws UnwritableTreeException {
        byte[] encoded = new byte[measure(xattrs)];
        MemorySegment target = MemorySegment.ofArray(encoded);
        int at = XattrLayout.IBODY_HEADER_SIZE;
        for (Entry entry : xattrs.isEmpty() ? List.<Entry>of() : sorted(xattrs)) {
            byte[] name = entry.xattr.name();
            byte[] value = entry.xattr.value();
            LittleEndian.putU8(target, at + XattrLayout.NAME_LEN, entry.nameLength());
            LittleEndian.putU8(target, at + XattrLayout.NAME_INDEX, entry.index);
            LittleEndian.putU16(target, at + XattrLayout.VALUE_SIZE, value.length);
            int nameAt = at + XattrLayout.ENTRY_SIZE;
            System.arraycopy(
                    name, name.length - entry.nameLength(), encoded, nameAt, entry.nameLength());
            System.arraycopy(value, 0, encoded, nameAt + entry.nameLength(), value.length);
            at += entry.lengthBytes();
        }
        return encoded;
    }

    private static List<Entry> sorted(List<Xattr> xattrs) throws UnwritableTreeException {
        Entry[] entries = new Entry[xattrs.size()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry(xattrs.get(i));
        }
        Arrays.sort(entries, BY_NAME);
        for (int i = 1; i < entries.length; i++) {
            if (BY_NAME.compare(entries[i - 1], entries[i]) == 0) {
                throw new UnwritableTreeException("xattr " + shown(entries[i].xattr) + " twice");
            }
        }
        return List.of(entries);
    }

    private static Entry entry(Xattr xattr) throws UnwritableTreeException {
        if (xattr.name().length > XattrLayout.NAME_MAX
                || xattr.value().length > XattrLayout.VALUE_MAX) {
            throw new UnwritableTreeException("xattr " + shown(xattr) + " is too long");
        }
        for (byte b : xattr.name()) {
            if (b == 0) {
                throw new UnwritableTreeException("xattr " + shown(xattr) + " has NUL in its name");
            }
        }
        for (int index : INDEXES) {
            byte[] prefix = XattrLayout.prefixOf(index);
            int rest = xattr.name().length - prefix.length;
            boolean fits = XattrLayout.isWholeName(index) ? rest == 0 : rest > 0;
            if (fits && Arrays.equals(prefix, 0, prefix.length, xattr.name(), 0, prefix.length)) {
                return new Entry(index, xattr);
            }
        }
        throw new UnwritableTreeException("xattr " + shown(xattr) + " has no place in the format");
    }

    private static String shown(Xattr xattr) {
        return new String(xattr.name(), StandardCharsets.UTF_8);
    }

    private record Entry(int index, Xattr xattr) {
        int nameLength() {
            return xattr.name().length - XattrLayout.prefixOf(index).length;
        }

        int lengthBytes() {
            return (XattrLayout.ENTRY_SIZE + nameLength() + xattr.value().length + 3) & ~3;
        }
    }
}

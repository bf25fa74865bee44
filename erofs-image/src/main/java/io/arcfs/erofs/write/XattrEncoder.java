package io.arcfs.erofs.write;

import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.XattrLayout;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Lays out an inode's xattrs behind it, sorted, so that equal sets give equal bytes; of those that
 * are shared only their ids. Stateless.
 */
final class XattrEncoder {
    /** Ids of shared entries that one inode can name. */
    private static final int SHARED_MAX = 255;

    private static final Comparator<Entry> BY_NAME =
            Comparator.comparingInt(Entry::index)
                    .thenComparing((left, right) ->
                            Arrays.compareUnsigned(left.xattr.name(), right.xattr.name()));

    private XattrEncoder() {}

    /** Length of the encoded set; throws if it cannot be stored. */
    static int measure(List<Xattr> xattrs, SharedXattrs shared) throws UnwritableTreeException {
        if (xattrs.isEmpty()) {
            return 0;
        }
        long length = XattrLayout.IBODY_HEADER_SIZE;
        int ids = 0;
        for (Entry entry : sorted(xattrs)) {
            if (ids < SHARED_MAX && shared.contains(entry)) {
                length += Integer.BYTES;
                ids++;
            } else {
                length += entry.lengthBytes();
            }
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

    /** Length of a set of this i_xattr_icount. */
    static int lengthBytes(int icount) {
        return icount == 0 ? 0 : XattrLayout.IBODY_HEADER_SIZE + (icount - 1) * 4;
    }

    static byte[] encode(List<Xattr> xattrs, SharedXattrs shared) throws UnwritableTreeException {
        byte[] encoded = new byte[measure(xattrs, shared)];
        MemorySegment target = MemorySegment.ofArray(encoded);
        int at = XattrLayout.IBODY_HEADER_SIZE;
        List<Entry> entries = xattrs.isEmpty() ? List.of() : sorted(xattrs);
        int ids = 0;
        for (Entry entry : entries) {
            if (ids < SHARED_MAX && shared.contains(entry)) {
                LittleEndian.putU32(target, at, shared.idOf(entry));
                at += Integer.BYTES;
                ids++;
            }
        }
        if (ids > 0) {
            LittleEndian.putU8(target, XattrLayout.SHARED_COUNT, ids);
        }
        int skipped = 0;
        for (Entry entry : entries) {
            if (skipped < ids && shared.contains(entry)) {
                skipped++;
            } else {
                put(entry, encoded, target, at);
                at += entry.lengthBytes();
            }
        }
        return encoded;
    }

    /** Writes an entry, and nothing over its padding. */
    static void put(Entry entry, byte[] bytes, MemorySegment target, int at) {
        byte[] name = entry.xattr.name();
        byte[] value = entry.xattr.value();
        LittleEndian.putU8(target, at + XattrLayout.NAME_LEN, entry.nameLength());
        LittleEndian.putU8(target, at + XattrLayout.NAME_INDEX, entry.index);
        LittleEndian.putU16(target, at + XattrLayout.VALUE_SIZE, value.length);
        int nameAt = at + XattrLayout.ENTRY_SIZE;
        System.arraycopy(name, name.length - entry.nameLength(), bytes, nameAt, entry.nameLength());
        System.arraycopy(value, 0, bytes, nameAt + entry.nameLength(), value.length);
    }

    static List<Entry> sorted(List<Xattr> xattrs) throws UnwritableTreeException {
        Entry[] entries = new Entry[xattrs.size()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry(xattrs.get(i));
        }
        if (entries.length > 1) {
            Arrays.sort(entries, BY_NAME);
        }
        for (int i = 1; i < entries.length; i++) {
            if (BY_NAME.compare(entries[i - 1], entries[i]) == 0) {
                throw new UnwritableTreeException("xattr " + shown(entries[i].xattr) + " twice");
            }
        }
        return List.of(entries);
    }

    static Entry entry(Xattr xattr) throws UnwritableTreeException {
        if (xattr.name().length > XattrLayout.NAME_MAX
                || xattr.value().length > XattrLayout.VALUE_MAX) {
            throw new UnwritableTreeException("xattr " + shown(xattr) + " is too long");
        }
        for (byte b : xattr.name()) {
            if (b == 0) {
                throw new UnwritableTreeException("xattr " + shown(xattr) + " has NUL in its name");
            }
        }
        int index = XattrLayout.indexOf(xattr.name());
        if (index != XattrLayout.NO_INDEX) {
            return new Entry(index, xattr);
        }
        throw new UnwritableTreeException("xattr " + shown(xattr) + " has no place in the format");
    }

    private static String shown(Xattr xattr) {
        return new String(xattr.name(), StandardCharsets.UTF_8);
    }

    /** An attribute with the number of its name's prefix. Equal by content. */
    record Entry(int index, Xattr xattr) implements Comparable<Entry> {
        int nameLength() {
            return xattr.name().length - XattrLayout.prefixOf(index).length;
        }

        int lengthBytes() {
            return (XattrLayout.ENTRY_SIZE + nameLength() + xattr.value().length + 3) & ~3;
        }

        /** Mixed from name and value; equal entries have equal hashes. */
        long hash() {
            long hash = 0xcbf29ce484222325L;
            hash = mix(hash, xattr.name());
            hash = mix(hash ^ 0xFF, xattr.value());
            return hash ^ hash >>> 29;
        }

        private static long mix(long hash, byte[] bytes) {
            for (byte b : bytes) {
                hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
            }
            return hash;
        }

        @Override
        public int compareTo(Entry other) {
            int order = BY_NAME.compare(this, other);
            return order != 0 ? order : Arrays.compareUnsigned(xattr.value(), other.xattr.value());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry that
                    && Arrays.equals(xattr.name(), that.xattr.name())
                    && Arrays.equals(xattr.value(), that.xattr.value());
        }

        @Override
        public int hashCode() {
            return Long.hashCode(hash());
        }
    }
}

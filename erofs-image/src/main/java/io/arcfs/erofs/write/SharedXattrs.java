package io.arcfs.erofs.write;

import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.layout.XattrLayout;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The attributes that stand once for all inodes that have them. First every attribute is counted,
 * by its hash; then those that several inodes have are collected; then they get their places, in
 * order. What is kept in memory has bounds: which attributes are shared is a matter of room, never
 * of what readers see. Confined to one thread.
 */
final class SharedXattrs {
    /** Shares nothing. */
    static final SharedXattrs NONE = new SharedXattrs();

    /** Inodes that must have an attribute before it is shared. */
    private static final int SHARED_BY = 3;

    private static final int COUNTED_MAX = 1 << 16;
    private static final int AREA_MAX = 16 << 20;

    private final KeyIndex counted = new KeyIndex();
    private int[] counts = new int[0];
    private int countedHashes;
    private boolean candidates;

    /** Offset in the area, once placed. */
    private Map<XattrEncoder.Entry, Integer> entries = new HashMap<>();

    private int areaBytes;

    /** Where the area stands, in units of 4 bytes from what ids count from. */
    private long firstId;

    /** Counts the attributes of one inode. */
    void count(List<Xattr> xattrs) throws UnwritableTreeException {
        if (counts.length == 0) {
            counts = new int[COUNTED_MAX];
        }
        for (Xattr xattr : xattrs) {
            long hash = XattrEncoder.entry(xattr).hash();
            int index =
                    countedHashes < COUNTED_MAX
                            ? counted.indexOf(hash, countedHashes)
                            : counted.indexOfKnown(hash);
            if (index >= 0) {
                countedHashes = Math.max(countedHashes, index + 1);
                counts[index]++;
                candidates |= counts[index] == SHARED_BY;
            }
        }
    }

    boolean hasCandidates() {
        return candidates;
    }

    /** Takes those attributes of one inode that were counted often enough. */
    void collect(List<Xattr> xattrs) throws UnwritableTreeException {
        for (Xattr xattr : xattrs) {
            XattrEncoder.Entry entry = XattrEncoder.entry(xattr);
            int index = counted.indexOfKnown(entry.hash());
            if (index >= 0
                    && counts[index] >= SHARED_BY
                    && areaBytes + entry.lengthBytes() <= AREA_MAX
                    && !entries.containsKey(entry)) {
                entries.put(entry, 0);
                areaBytes += entry.lengthBytes();
            }
        }
    }

    /** Gives every entry its place in the area. */
    void place() {
        Map<XattrEncoder.Entry, Integer> sorted = new TreeMap<>(entries);
        int at = 0;
        for (Map.Entry<XattrEncoder.Entry, Integer> entry : sorted.entrySet()) {
            entry.setValue(at);
            at += entry.getKey().lengthBytes();
        }
        entries = new HashMap<>(sorted);
    }

    boolean contains(XattrEncoder.Entry entry) {
        return areaBytes > 0 && entries.containsKey(entry);
    }

    int areaBytes() {
        return areaBytes;
    }

    /** Says where the area stands, in units of 4 bytes. */
    void startAt(long id) {
        firstId = id;
    }

    long idOf(XattrEncoder.Entry entry) {
        Integer offset = entries.get(entry);
        if (offset == null) {
            throw new IllegalArgumentException("an xattr that is not shared");
        }
        return firstId + offset / XattrLayout.ENTRY_SIZE;
    }

    byte[] encode() {
        byte[] area = new byte[areaBytes];
        MemorySegment target = MemorySegment.ofArray(area);
        entries.forEach((entry, at) -> XattrEncoder.put(entry, area, target, at));
        return area;
    }
}

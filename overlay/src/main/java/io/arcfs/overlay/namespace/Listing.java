package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory.EntrySink;
import io.arcfs.overlay.OpenDirectory.ListedEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of a directory as they were at one moment, packed: a million of them take some thirty
 * megabytes. A cookie is the number of entries before it.
 *
 * <pre>
 * inode u32 | type (S_IFMT >> 12) u8 | depth of its layer u8 | its reference there u64 | length u8 | name
 * </pre>
 *
 * <p>Filled by one thread, then immutable.
 */
final class Listing {
    private static final int HEAD_BYTES = 15;

    /** The depth of an entry that no layer has, or too deep a one: it is looked up by its name. */
    static final int NOWHERE = 0xFF;

    private static final int TYPE_SHIFT = 12;
    private static final int PAGE_ENTRIES = 256;
    private static final int SMALLEST_PAGE = 512;

    /** Each but the last holds {@link #PAGE_ENTRIES} entries and has just the bytes for them. */
    private final List<ByteBuffer> pages = new ArrayList<>();

    private ByteBuffer page = ByteBuffer.allocate(0);
    private int entries;

    void add(byte[] name, long inode, int type, int depth, long ref) {
        if (entries % PAGE_ENTRIES == 0) {
            finishPage();
            page = ByteBuffer.allocate(SMALLEST_PAGE);
        }
        if (page.remaining() < HEAD_BYTES + name.length) {
            ByteBuffer larger = ByteBuffer.allocate(2 * page.capacity());
            page = larger.put(page.flip());
        }
        page.putInt((int) inode)
                .put((byte) (type >>> TYPE_SHIFT))
                .put((byte) Math.min(depth, NOWHERE))
                .putLong(ref)
                .put((byte) name.length)
                .put(name);
        entries++;
    }

    /** Gives back what the last page does not need. */
    private void finishPage() {
        if (entries > 0) {
            page.flip();
            pages.add(ByteBuffer.allocate(page.remaining()).put(page).flip());
        }
    }

    /** No entry comes any more. */
    Listing finish() {
        finishPage();
        page = ByteBuffer.allocate(0);
        return this;
    }

    /** Where a walk over the entries stands. */
    interface Cursor extends ListedEntry {
        void at(byte[] name, long inode, int depth, long ref);
    }

    /** Hands over the entries behind {@code cookie} until the sink is full. */
    void read(long cookie, EntrySink sink, Cursor cursor) throws FsException {
        if (cookie < 0 || cookie >= entries) {
            return;
        }
        int at = (int) cookie;
        ByteBuffer current = pages.get(at / PAGE_ENTRIES).duplicate();
        for (int skipped = at / PAGE_ENTRIES * PAGE_ENTRIES; skipped < at; skipped++) {
            int length = current.get(current.position() + HEAD_BYTES - 1) & 0xFF;
            current.position(current.position() + HEAD_BYTES + length);
        }
        while (at < entries) {
            long inode = current.getInt() & 0xFFFF_FFFFL;
            int type = (current.get() & 0xFF) << TYPE_SHIFT;
            int depth = current.get() & 0xFF;
            long ref = current.getLong();
            byte[] name = new byte[current.get() & 0xFF];
            current.get(name);
            at++;
            cursor.at(name, inode, depth, ref);
            if (!sink.entry(name, inode, type, at, cursor)) {
                return;
            }
            if (at % PAGE_ENTRIES == 0 && at < entries) {
                current = pages.get(at / PAGE_ENTRIES).duplicate();
            }
        }
    }
}

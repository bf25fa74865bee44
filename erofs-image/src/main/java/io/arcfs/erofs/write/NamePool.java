package io.arcfs.erofs.write;

import java.util.ArrayList;
import java.util.List;

/**
 * Names in a row, each behind its length: one byte more than the name itself. Grows by pages, so
 * that growing copies nothing. Confined to one thread.
 */
final class NamePool {
    private static final int PAGE_BITS = 18;
    private static final int PAGE = 1 << PAGE_BITS;

    private final List<byte[]> pages = new ArrayList<>();
    private int used = PAGE;

    /** Adds a name; returns where it stands. */
    long add(byte[] source, int start, int length) {
        if (used + 1 + length > PAGE) {
            // What is left of the page stays 0: no name has that length.
            pages.add(new byte[PAGE]);
            used = 0;
        }
        byte[] page = pages.getLast();
        long at = ((long) (pages.size() - 1) << PAGE_BITS) + used;
        page[used] = (byte) length;
        System.arraycopy(source, start, page, used + 1, length);
        used += 1 + length;
        return at;
    }

    /** Reads names in the order they were added, from one of them on. */
    Reader from(long at) {
        return new Reader((int) (at >>> PAGE_BITS), (int) at & (PAGE - 1));
    }

    /** Steps from name to name; the bytes are read where they stand. Confined to one thread. */
    final class Reader {
        private int pageIndex;
        private int position;
        private byte[] page = {};
        private int start;
        private int length;

        private Reader(int pageIndex, int position) {
            this.pageIndex = pageIndex;
            this.position = position;
        }

        void next() {
            if (position >= PAGE || pages.get(pageIndex)[position] == 0) {
                pageIndex++;
                position = 0;
            }
            page = pages.get(pageIndex);
            length = Byte.toUnsignedInt(page[position]);
            start = position + 1;
            position += 1 + length;
        }

        /** Holds the current name; not to be changed. */
        byte[] page() {
            return page;
        }

        int start() {
            return start;
        }

        int length() {
            return length;
        }
    }
}

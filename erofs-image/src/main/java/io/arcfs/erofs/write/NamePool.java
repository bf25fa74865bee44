package io.arcfs.erofs.write;

import java.util.ArrayList;
import java.util.List;

/**
 * Names in a row, each behind its length: one byte more than the name itself. Grows by pages, so
 * that growing copies nothing. Confined to one thread.
 */
final class NamePool {
    private static final int PAGE_BITS = 20;
    private static final int PAGE = 1 << PAGE_BITS;

    private final List<byte[]> pages = new ArrayList<>();
    private int used = PAGE;

    /** Adds a name; returns where it stands. */
    long add(byte[] name) {
        if (used + 1 + name.length > PAGE) {
            // What is left of the page stays 0: no name has that length.
            pages.add(new byte[PAGE]);
            used = 0;
        }
        byte[] page = pages.getLast();
        long at = ((long) (pages.size() - 1) << PAGE_BITS) + used;
        page[used] = (byte) name.length;
        System.arraycopy(name, 0, page, used + 1, name.length);
        used += 1 + name.length;
        return at;
    }

    /** Reads names in the order they were added, from one of them on. */
    Reader from(long at) {
        return new Reader((int) (at >>> PAGE_BITS), (int) at & (PAGE - 1));
    }

    /** Confined to one thread. */
    final class Reader {
        private int pageIndex;
        private int position;

        private Reader(int pageIndex, int position) {
            this.pageIndex = pageIndex;
            this.position = position;
        }

        byte[] next() {
            if (position >= PAGE || pages.get(pageIndex)[position] == 0) {
                pageIndex++;
                position = 0;
            }
            byte[] page = pages.get(pageIndex);
            int length = Byte.toUnsignedInt(page[position]);
            byte[] name = new byte[length];
            System.arraycopy(page, position + 1, name, 0, length);
            position += 1 + length;
            return name;
        }
    }
}

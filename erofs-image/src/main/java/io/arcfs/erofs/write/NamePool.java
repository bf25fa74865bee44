package io.arcfs.erofs.write;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Names in a row, each behind its length: one byte more than the name itself. Grows by pages, so
 * that growing copies nothing. Confined to one thread.
 */
final class NamePool {
    private static final int PAGE_BITS = 16;
    private static final int PAGE = 1 << PAGE_BITS;

    private final List<byte[]> pages = new ArrayList<>();
    private int used = PAGE;

    /** Adds a name; returns where it stands. */
    long add(byte[] source, int start, int length) {
        if (used + 1 + length > PAGE) {
            endPage();
            pages.add(new byte[PAGE]);
            used = 0;
        }
        byte[] page = pages.getLast();
        long at = place(pages.size() - 1, used);
        page[used] = (byte) length;
        System.arraycopy(source, start, page, used + 1, length);
        used += 1 + length;
        return at;
    }

    /** What is left of the page is passed over: no name has length 0. */
    private void endPage() {
        if (used < PAGE) {
            pages.getLast()[used] = 0;
        }
    }

    /**
     * Takes the names from one of them to the last out, as a pool of their own, in which they stand
     * from 0 on.
     */
    NamePool cut(long at) {
        endPage();
        int first = (int) (at >>> PAGE_BITS);
        int from = position(at);
        NamePool tail = new NamePool();
        int end = first == pages.size() - 1 ? used : PAGE;
        tail.pages.add(Arrays.copyOfRange(pages.get(first), from, end));
        List<byte[]> others = pages.subList(first + 1, pages.size());
        tail.pages.addAll(others);
        others.clear();
        used = from;
        return tail;
    }

    /** Compares a name that stands here with another one, as unsigned bytes. */
    int compare(long at, byte[] other) {
        byte[] page = pages.get((int) (at >>> PAGE_BITS));
        int start = position(at) + 1;
        int end = start + Byte.toUnsignedInt(page[start - 1]);
        return Arrays.compareUnsigned(page, start, end, other, 0, other.length);
    }

    /** Compares two names that stand here. */
    int compare(long one, long other) {
        byte[] page = pages.get((int) (one >>> PAGE_BITS));
        int start = position(one) + 1;
        int end = start + Byte.toUnsignedInt(page[start - 1]);
        byte[] otherPage = pages.get((int) (other >>> PAGE_BITS));
        int otherStart = position(other) + 1;
        int otherEnd = otherStart + Byte.toUnsignedInt(otherPage[otherStart - 1]);
        return Arrays.compareUnsigned(page, start, end, otherPage, otherStart, otherEnd);
    }

    private static long place(int pageIndex, int position) {
        return ((long) pageIndex << PAGE_BITS) + position;
    }

    private static int position(long at) {
        return (int) at & (PAGE - 1);
    }

    /** Reads names in the order they were added, from one of them on. */
    Reader from(long at) {
        Reader reader = new Reader();
        reader.goTo(at);
        return reader;
    }

    /** Steps from name to name; the bytes are read where they stand. Confined to one thread. */
    final class Reader {
        private int pageIndex;
        private int position;
        private byte[] page = {};
        private int start;
        private int length;

        /** The next name is the one that stands there. */
        void goTo(long at) {
            pageIndex = (int) (at >>> PAGE_BITS);
            position = NamePool.position(at);
        }

        void next() {
            byte[] here = pages.get(pageIndex);
            if (position >= here.length || here[position] == 0) {
                pageIndex++;
                position = 0;
                here = pages.get(pageIndex);
            }
            page = here;
            length = Byte.toUnsignedInt(here[position]);
            start = position + 1;
            position += 1 + length;
        }

        /** Where the current name stands. */
        long place() {
            return NamePool.place(pageIndex, start - 1);
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

        /** The current name for a message. */
        String text() {
            return InodeRules.shown(page, start, length);
        }
    }
}

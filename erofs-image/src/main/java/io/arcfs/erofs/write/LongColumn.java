package io.arcfs.erofs.write;

import java.util.Arrays;

/**
 * A row of numbers that grows by pages: growing copies nothing, and no page is large enough to be
 * more than an ordinary object to the collector. Confined to one thread.
 */
final class LongColumn {
    private static final int PAGE_BITS = 12;
    private static final int PAGE = 1 << PAGE_BITS;
    private static final int PAGE_MASK = PAGE - 1;

    /** A tree of a few inodes takes no whole page. */
    private static final int SMALLEST = 64;

    private long[][] pages = {new long[SMALLEST]};
    private int capacity = SMALLEST;

    long get(int index) {
        return pages[index >>> PAGE_BITS][index & PAGE_MASK];
    }

    void set(int index, long value) {
        pages[index >>> PAGE_BITS][index & PAGE_MASK] = value;
    }

    /** Makes room for so many numbers at least; new ones are 0. */
    void reserve(int count) {
        while (capacity < count) {
            grow();
        }
    }

    int capacity() {
        return capacity;
    }

    private void grow() {
        if (capacity < PAGE) {
            pages[0] = Arrays.copyOf(pages[0], PAGE);
            capacity = PAGE;
            return;
        }
        int page = capacity >>> PAGE_BITS;
        if (page == pages.length) {
            pages = Arrays.copyOf(pages, 2 * page);
        }
        capacity = Math.addExact(capacity, PAGE);
        pages[page] = new long[PAGE];
    }
}

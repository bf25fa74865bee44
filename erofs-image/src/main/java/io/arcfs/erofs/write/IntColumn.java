package io.arcfs.erofs.write;

import java.util.Arrays;

/** As {@link LongColumn}, of 32 bits. Confined to one thread. */
final class IntColumn {
    private static final int PAGE_BITS = 12;
    private static final int PAGE = 1 << PAGE_BITS;
    private static final int PAGE_MASK = PAGE - 1;
    private static final int SMALLEST = 64;

    private int[][] pages = {new int[SMALLEST]};
    private int capacity = SMALLEST;

    int get(int index) {
        return pages[index >>> PAGE_BITS][index & PAGE_MASK];
    }

    void set(int index, int value) {
        pages[index >>> PAGE_BITS][index & PAGE_MASK] = value;
    }

    /** Makes room for so many numbers at least; new ones are 0. */
    void reserve(int count) {
        while (capacity < count) {
            grow();
        }
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
        pages[page] = new int[PAGE];
    }
}

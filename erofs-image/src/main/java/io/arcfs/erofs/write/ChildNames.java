package io.arcfs.erofs.write;

import java.util.Arrays;

/**
 * The names of one directory as its source gives them, put in the order of the format: unsigned
 * bytes. Sources that give them in order cost no sorting. Reused directory by directory. Confined
 * to one thread.
 */
final class ChildNames {
    private static final int FIRST_BYTES = 4096;
    private static final int FIRST_NAMES = 64;

    byte[] bytes = new byte[FIRST_BYTES];
    private int used;

    /** Where each name starts; one more than there are names. */
    private int[] starts = new int[FIRST_NAMES];

    private long[] keys = new long[FIRST_NAMES];

    /** Indexes of the names in their order. */
    private int[] order = new int[0];

    private int count;
    private boolean sorted = true;

    /** Gives its memory back; as new. */
    void release() {
        clear();
        bytes = new byte[FIRST_BYTES];
        starts = new int[FIRST_NAMES];
        keys = new long[FIRST_NAMES];
        order = new int[0];
    }

    void clear() {
        used = 0;
        count = 0;
        sorted = true;
    }

    void add(byte[] name, long key) {
        if (count + 1 >= starts.length) {
            starts = Arrays.copyOf(starts, count + (count >> 1));
            keys = Arrays.copyOf(keys, starts.length);
        }
        if (used > bytes.length - name.length) {
            bytes = Arrays.copyOf(bytes, Math.addExact(bytes.length, bytes.length >> 1));
        }
        System.arraycopy(name, 0, bytes, used, name.length);
        used += name.length;
        keys[count] = key;
        starts[count + 1] = used;
        count++;
        sorted = sorted && (count == 1 || compare(count - 2, count - 1) < 0);
    }

    int count() {
        return count;
    }

    int start(int position) {
        return starts[order[position]];
    }

    int length(int position) {
        int index = order[position];
        return starts[index + 1] - starts[index];
    }

    long key(int position) {
        return keys[order[position]];
    }

    /** Whether the name at this position is that of the position before. */
    boolean isRepeated(int position) {
        return position > 0 && compare(order[position - 1], order[position]) == 0;
    }

    void sort() {
        if (order.length < count) {
            order = new int[count];
        }
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        if (!sorted) {
            mergeSort();
        }
    }

    /** Runs of doubling length; stable, no objects per name. */
    private void mergeSort() {
        int[] from = order;
        int[] to = new int[order.length];
        for (int width = 1; width < count; width *= 2) {
            for (int low = 0; low < count; low += 2 * width) {
                merge(
                        from,
                        to,
                        low,
                        Math.min(low + width, count),
                        Math.min(low + 2 * width, count));
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        order = from;
    }

    private void merge(int[] from, int[] to, int low, int middle, int high) {
        int left = low;
        int right = middle;
        for (int i = low; i < high; i++) {
            boolean takeLeft =
                    left < middle && (right >= high || compare(from[left], from[right]) <= 0);
            to[i] = takeLeft ? from[left++] : from[right++];
        }
    }

    private int compare(int one, int other) {
        return Arrays.compareUnsigned(
                bytes, starts[one], starts[one + 1], bytes, starts[other], starts[other + 1]);
    }
}

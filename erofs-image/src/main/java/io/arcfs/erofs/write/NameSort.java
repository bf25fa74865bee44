package io.arcfs.erofs.write;

/** Sorts names where they stand: runs of doubling length, no objects per name. Stateless. */
final class NameSort {
    private NameSort() {}

    /** Indexes of the names at these places, in the order of their bytes; equal ones as given. */
    static int[] order(NamePool pool, int[] places) {
        int count = places.length;
        int[] from = new int[count];
        for (int i = 0; i < count; i++) {
            from[i] = i;
        }
        int[] to = new int[count];
        for (int width = 1; width < count; width *= 2) {
            for (int low = 0; low < count; low += 2 * width) {
                int middle = Math.min(low + width, count);
                int high = Math.min(low + 2 * width, count);
                merge(pool, places, from, to, low, middle, high);
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        return from;
    }

    private static void merge(
            NamePool pool, int[] places, int[] from, int[] to, int low, int middle, int high) {
        int left = low;
        int right = middle;
        for (int i = low; i < high; i++) {
            boolean takeLeft =
                    left < middle
                            && (right >= high
                                    || pool.compare(places[from[left]], places[from[right]]) <= 0);
            to[i] = takeLeft ? from[left++] : from[right++];
        }
    }
}

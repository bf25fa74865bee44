package io.arcfs.erofs.write;

/**
 * Maps the source's keys to rows: an open hash table of the rows alone, at most half full, since
 * each row's key stands in the table of inodes. Confined to one thread.
 */
final class RowIndex {
    private static final int FIRST_CAPACITY = 64;
    private static final int FREE = 0;

    private final LongColumn keys;

    /** Rows, counted from 1. */
    private IntColumn slots = new IntColumn();

    private int capacity = FIRST_CAPACITY;

    /**
     * @param keys by row
     */
    RowIndex(LongColumn keys) {
        this.keys = keys;
        slots.reserve(capacity);
    }

    /**
     * The row of a key, which is {@code fresh} if the key is new: then the first behind all others,
     * and its key is to be there before anything else is asked.
     */
    int rowOf(long key, int fresh) {
        int slot = slot(key);
        int found = slots.get(slot);
        if (found != FREE) {
            return found - 1;
        }
        if (fresh >= capacity / 2) {
            grow(fresh);
            slot = slot(key);
        }
        slots.set(slot, fresh + 1);
        return fresh;
    }

    private int slot(long key) {
        long mixed = (key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> 32) & (capacity - 1);
        for (int found = slots.get(slot);
                found != FREE && keys.get(found - 1) != key;
                found = slots.get(slot)) {
            slot = (slot + 1) & (capacity - 1);
        }
        return slot;
    }

    /** Twice the room. The old table is not needed for that: rows have their keys. */
    private void grow(int rows) {
        capacity = Math.multiplyExact(capacity, 2);
        slots = new IntColumn();
        slots.reserve(capacity);
        for (int row = 0; row < rows; row++) {
            slots.set(slot(keys.get(row)), row + 1);
        }
    }
}

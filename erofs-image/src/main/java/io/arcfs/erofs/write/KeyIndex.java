package io.arcfs.erofs.write;

import java.util.Arrays;

/** Maps the source's keys to indexes of inodes; an open hash table. Confined to one thread. */
final class KeyIndex {
    private static final int FREE = -1; // negative, as indexOfKnown promises
    private static final int FIRST_CAPACITY = 64;

    private long[] keys = new long[FIRST_CAPACITY];
    private int[] indexes = filled(FIRST_CAPACITY);
    private int size;

    /** The index of a key, which is {@code fresh} if the key is new. */
    int indexOf(long key, int fresh) {
        int slot = slot(key);
        if (indexes[slot] != FREE) {
            return indexes[slot];
        }
        if (size >= keys.length / 4 * 3) {
            grow();
            slot = slot(key);
        }
        keys[slot] = key;
        indexes[slot] = fresh;
        size++;
        return fresh;
    }

    /** The index of a key, negative if it is new. */
    int indexOfKnown(long key) {
        return indexes[slot(key)];
    }

    private int slot(long key) {
        long mixed = (key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> 32) & (keys.length - 1);
        while (indexes[slot] != FREE && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldIndexes = indexes;
        keys = new long[oldKeys.length * 2];
        indexes = filled(keys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldIndexes[i] != FREE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                indexes[slot] = oldIndexes[i];
            }
        }
    }

    private static int[] filled(int length) {
        int[] filled = new int[length];
        Arrays.fill(filled, FREE);
        return filled;
    }
}

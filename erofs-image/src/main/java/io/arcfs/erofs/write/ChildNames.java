package io.arcfs.erofs.write;

/**
 * Puts the names of a directory into the pool in the order of the format, unsigned bytes, with the
 * keys that go with them. Sources that give them in order cost no sorting, and no memory for it.
 * Reused directory by directory. Confined to one thread.
 */
final class ChildNames {
    private final NamePool pool;

    /** By the order of the source. */
    private final LongColumn keys = new LongColumn();

    /** Indexes of the keys in the order of the names; empty if that is the source's. */
    private int[] order = {};

    private long first;
    private long last;
    private int count;
    private boolean sorted = true;

    ChildNames(NamePool pool) {
        this.pool = pool;
    }

    /** Begins another directory. */
    void clear() {
        order = new int[0];
        count = 0;
        sorted = true;
    }

    void add(byte[] name, long key) {
        keys.reserve(Math.addExact(count, 1));
        keys.set(count, key);
        sorted = sorted && (count == 0 || pool.compare(last, name) < 0);
        last = pool.add(name, 0, name.length);
        if (count == 0) {
            first = last;
        }
        count++;
    }

    int count() {
        return count;
    }

    /** Where the first name stands in the pool, the others behind it; 0 if there is none. */
    long first() {
        return count == 0 ? 0 : first;
    }

    /** The key of the name at a position of the order. */
    long key(int position) {
        return keys.get(sorted ? position : order[position]);
    }

    /** Brings the names into their order; each may be there once. */
    void sort() throws UnwritableTreeException {
        if (sorted) {
            return;
        }
        NamePool found = pool.cut(first);
        NamePool.Reader reader = found.from(0);
        int[] places = new int[count];
        for (int i = 0; i < count; i++) {
            reader.next();
            places[i] = Math.toIntExact(reader.place());
        }
        order = NameSort.order(found, places);
        for (int i = 0; i < count; i++) {
            reader.goTo(places[order[i]]);
            reader.next();
            if (i > 0 && found.compare(places[order[i - 1]], places[order[i]]) == 0) {
                throw new UnwritableTreeException(
                        "name " + reader.text() + " twice in a directory");
            }
            long at = pool.add(reader.page(), reader.start(), reader.length());
            if (i == 0) {
                first = at;
            }
        }
    }
}

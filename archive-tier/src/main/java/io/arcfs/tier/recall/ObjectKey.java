package io.arcfs.tier.recall;

import io.arcfs.tier.ContainerId;

/** An object by its position: containers by number, objects within them. Immutable. */
record ObjectKey(ContainerId container, int object) implements Comparable<ObjectKey> {
    /** Before every other. */
    static final ObjectKey LEAST = new ObjectKey(new ContainerId(0, 1), 0);

    @Override
    public int compareTo(ObjectKey other) {
        int byContainer = container.compareTo(other.container);
        return byContainer != 0 ? byContainer : Integer.compare(object, other.object);
    }

    @Override
    public String toString() {
        return container + " object " + object;
    }

    ObjectKey next() {
        return new ObjectKey(container, object + 1);
    }
}

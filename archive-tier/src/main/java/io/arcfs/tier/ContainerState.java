package io.arcfs.tier;

/**
 * Where the bytes of a container are.
 *
 * <pre>
 *            open            close            destage          evict
 *   (free) --------> OPEN ----------> STAGED ---------> COLD ---------> EVICTED
 *                     |                                  ^                 |
 *                     +-- discarded by recovery          +---- recall -----+
 *
 *   STAGED, COLD, EVICTED --release--> (free, under the next sequence)
 * </pre>
 *
 * Only OPEN takes writes. STAGED is complete on SSD and waits for its media; COLD is verified on as
 * many media as the volume asks for and still whole on SSD; EVICTED has lost its SSD copy, except
 * for objects recalled since, what is pinned, and heads. Released is only what nothing refers to.
 */
public enum ContainerState {
    OPEN(1),
    STAGED(2),
    COLD(3),
    EVICTED(4);

    private final int persistentId;

    ContainerState(int persistentId) {
        this.persistentId = persistentId;
    }

    /** The number written to disk; never reused for another state. */
    public int persistentId() {
        return persistentId;
    }

    public static ContainerState ofPersistentId(int id) {
        for (ContainerState state : values()) {
            if (state.persistentId == id) {
                return state;
            }
        }
        throw new IllegalArgumentException("no container state " + id);
    }

    /**
     * Whether a container may go from here to {@code next}; staying is legal, so that retries are
     * idempotent.
     */
    public boolean canBecome(ContainerState next) {
        return next == this
                || switch (this) {
                    case OPEN -> next == STAGED;
                    case STAGED -> next == COLD;
                    case COLD -> next == EVICTED;
                    case EVICTED -> next == COLD;
                };
    }
}

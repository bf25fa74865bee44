package io.arcfs.overlay.namespace;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which append files the records of the active and of the sealed layer name: an append file that
 * neither names is garbage (D2). Guarded by {@code namespaceLock}.
 */
public final class AppendReferences {
    private Set<Long> active = new HashSet<>();
    private Set<Long> sealed = new HashSet<>();

    /** Kept for open handles, whoever names them; changed with the lock held for reading, too. */
    private final Set<Long> pinned = ConcurrentHashMap.newKeySet();

    public void addActive(long appendFile) {
        active.add(appendFile);
    }

    public void addSealed(long appendFile) {
        sealed.add(appendFile);
    }

    /** A record of the active layer names the file no more; returns whether nobody does. */
    boolean dropActive(long appendFile) {
        active.remove(appendFile);
        return !sealed.contains(appendFile);
    }

    /** Whether a record of the active layer names the file. */
    public boolean isActive(long appendFile) {
        return active.contains(appendFile);
    }

    /** Whether a record of either layer names the file. */
    boolean contains(long appendFile) {
        return active.contains(appendFile) || sealed.contains(appendFile);
    }

    boolean isSealed(long appendFile) {
        return sealed.contains(appendFile);
    }

    void pin(long appendFile) {
        pinned.add(appendFile);
    }

    void unpin(long appendFile) {
        pinned.remove(appendFile);
    }

    public void seal() {
        sealed = active;
        active = new HashSet<>();
    }

    public void unseal() {
        active.addAll(sealed);
        sealed = new HashSet<>();
    }

    /** The sealed layer is archived; returns the files that nobody names any more. */
    public List<Long> activate() {
        List<Long> garbage = new ArrayList<>();
        for (Long file : sealed) {
            if (!active.contains(file) && !pinned.contains(file)) {
                garbage.add(file);
            }
        }
        sealed = new HashSet<>();
        return garbage;
    }
}

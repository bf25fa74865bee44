package io.arcfs.tier.recall;

import io.arcfs.tier.Priority;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * An object that someone waits for. Everyone who wants it joins the one that is under way. Guarded
 * by the lock of its {@link Recaller}, except {@link #done}.
 */
final class PendingObject {
    final ObjectKey key;
    final RecallTarget target;

    /** Completes when the object is on the SSD; fails when no medium gave it. */
    final CompletableFuture<Void> done = new CompletableFuture<>();

    /** Media that have been asked and failed, and what they answered. */
    final Set<UUID> tried = new HashSet<>();

    final List<String> failures = new ArrayList<>();

    Priority priority;
    int waiters;
    boolean running;

    PendingObject(ObjectKey key, RecallTarget target, Priority priority) {
        this.key = key;
        this.target = target;
        this.priority = priority;
    }
}

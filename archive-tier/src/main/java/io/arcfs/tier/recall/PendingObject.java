package io.arcfs.tier.recall;

import io.arcfs.tier.Priority;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An object that someone waits for. Everyone who wants it joins the one that is under way. Guarded
 * by the lock of its {@link Recaller}, except {@link #done}.
 */
final class PendingObject {
    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;

    final ObjectKey key;
    final RecallTarget target;

    /** Completes when the object is on the SSD; fails when no medium gave it. */
    final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    /** Media that have been asked and failed, and what they answered. */
    final Set<UUID> tried = new HashSet<>();

    final List<String> failures = new ArrayList<>();

    Priority priority;
    int waiters;

    /** Nobody waits, but it is to come all the same. */
    boolean detached;

    boolean running;

    /** When a player will need it; {@link #NEVER} if nobody has said. */
    long deadlineNanos = NEVER;

    /** Since when someone is blocked on it. */
    long blockedSinceNanos;

    /** Where it lies on the medium that is to give it. */
    long position;

    /** The queue that holds it, and where in it. */
    @Nullable RecallQueue queue;

    RecallQueue.@Nullable Shelf shelf;

    PendingObject(ObjectKey key, RecallTarget target, Priority priority) {
        this.key = key;
        this.target = target;
        this.priority = priority;
    }
}

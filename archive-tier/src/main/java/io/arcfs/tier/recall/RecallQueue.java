package io.arcfs.tier.recall;

import io.arcfs.tier.Priority;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The objects one medium is to give: the most urgent class first, and within it onward from where
 * the medium stands, then from its beginning again, so that it moves in one direction. Guarded by
 * the lock of its {@link Recaller}.
 */
final class RecallQueue {
    private final Map<Priority, NavigableMap<ObjectKey, PendingObject>> waiting =
            new EnumMap<>(Priority.class);
    private @Nullable ObjectKey position;

    RecallQueue() {
        for (Priority priority : Priority.values()) {
            waiting.put(priority, new TreeMap<>());
        }
    }

    void add(PendingObject object) {
        of(object.priority).put(object.key, object);
    }

    void remove(PendingObject object) {
        of(object.priority).remove(object.key, object);
    }

    boolean contains(PendingObject object) {
        return of(object.priority).get(object.key) == object;
    }

    boolean isEmpty() {
        return waiting.values().stream().allMatch(Map::isEmpty);
    }

    int size() {
        return waiting.values().stream().mapToInt(Map::size).sum();
    }

    List<PendingObject> removeAll() {
        List<PendingObject> all = new ArrayList<>();
        waiting.values()
                .forEach(queue -> {
                    all.addAll(queue.values());
                    queue.clear();
                });
        return all;
    }

    /**
     * Takes the next object and those that follow it without a gap, of whatever class: they cost
     * the medium no further way.
     */
    List<PendingObject> takeRun(int most) {
        List<PendingObject> run = new ArrayList<>();
        PendingObject next = first();
        while (next != null) {
            remove(next);
            run.add(next);
            position = next.key.next();
            next = run.size() < most ? find(next.key.next()) : null;
        }
        return run;
    }

    private @Nullable PendingObject first() {
        for (Priority priority : Priority.values()) {
            NavigableMap<ObjectKey, PendingObject> queue = of(priority);
            if (!queue.isEmpty()) {
                Map.Entry<ObjectKey, PendingObject> ahead =
                        position == null ? null : queue.ceilingEntry(position);
                return ahead != null ? ahead.getValue() : queue.firstEntry().getValue();
            }
        }
        return null;
    }

    private @Nullable PendingObject find(ObjectKey key) {
        for (NavigableMap<ObjectKey, PendingObject> queue : waiting.values()) {
            PendingObject found = queue.get(key);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private NavigableMap<ObjectKey, PendingObject> of(Priority priority) {
        NavigableMap<ObjectKey, PendingObject> queue = waiting.get(priority);
        if (queue == null) {
            throw new IllegalStateException("no queue for " + priority);
        }
        return queue;
    }
}

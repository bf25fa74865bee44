package io.arcfs.tier.recall;

import io.arcfs.tier.Priority;
import io.arcfs.tier.medium.AccessCosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The objects one medium is to give, and in which order.
 *
 * <ol>
 *   <li>What stands next on the medium, while it is wanted by a reader or for one: going away and
 *       coming back costs more. Only as long as a quarter of the whole way takes, and only if
 *       nothing of the next two kinds waits elsewhere; a player's bytes are taken before what is
 *       old, or the medium would come back for each of them.
 *   <li>What a player will run out of soon.
 *   <li>What a reader has been blocked on for longer than the age bound.
 *   <li>The most urgent class that has anything: foreground, readahead, prestage.
 * </ol>
 *
 * Within each the medium moves onward from where it stands, then from its beginning again. Guarded
 * by the lock of its {@link Recaller}.
 */
final class RecallQueue {
    /** Readers blocked for longer go before all others, in position order among themselves. */
    static final Duration AGE_BOUND = Duration.ofSeconds(60);

    /** Kinds of waiting objects, most urgent first. */
    enum Shelf {
        DUE,
        AGED,
        FOREGROUND,
        READAHEAD,
        PRESTAGE;

        static Shelf of(Priority priority) {
            return switch (priority) {
                case FOREGROUND -> FOREGROUND;
                case READAHEAD -> READAHEAD;
                case PRESTAGE -> PRESTAGE;
            };
        }
    }

    private record Spot(long position, ObjectKey key) implements Comparable<Spot> {
        @Override
        public int compareTo(Spot other) {
            int byPosition = Long.compare(position, other.position);
            return byPosition != 0 ? byPosition : key.compareTo(other.key);
        }

        static Spot of(PendingObject object) {
            return new Spot(object.position, object.key);
        }
    }

    private final Map<Shelf, NavigableMap<Spot, PendingObject>> shelves =
            new EnumMap<>(Shelf.class);
    private final Map<ObjectKey, PendingObject> byKey = new HashMap<>();
    private final TreeSet<PendingObject> byDeadline =
            new TreeSet<>(
                    Comparator.<PendingObject>comparingLong(o -> o.deadlineNanos)
                            .thenComparing(o -> o.key));
    private final TreeSet<PendingObject> byAge =
            new TreeSet<>(
                    Comparator.<PendingObject>comparingLong(o -> o.blockedSinceNanos)
                            .thenComparing(o -> o.key));

    private long position;
    private @Nullable ObjectKey next;

    /** Bytes taken in a row without moving. */
    private long stayedBytes;

    RecallQueue() {
        for (Shelf shelf : Shelf.values()) {
            shelves.put(shelf, new TreeMap<>());
        }
    }

    /** Files the object by its priority, its deadline and how long it has been waited for. */
    void add(PendingObject object) {
        file(object, Shelf.of(object.priority));
        object.queue = this;
        byKey.put(object.key, object);
        if (object.deadlineNanos != PendingObject.NEVER) {
            byDeadline.add(object);
        }
        if (object.priority == Priority.FOREGROUND) {
            byAge.add(object);
        }
    }

    private void file(PendingObject object, Shelf shelf) {
        object.shelf = shelf;
        shelf(shelf).put(Spot.of(object), object);
    }

    void remove(PendingObject object) {
        Shelf shelf = object.shelf;
        if (object.queue == this && shelf != null) {
            shelf(shelf).remove(Spot.of(object));
            byKey.remove(object.key);
            byDeadline.remove(object);
            byAge.remove(object);
            object.queue = null;
            object.shelf = null;
        }
    }

    boolean isEmpty() {
        return byKey.isEmpty();
    }

    int size() {
        return byKey.size();
    }

    List<PendingObject> removeAll() {
        List<PendingObject> all = List.copyOf(byKey.values());
        all.forEach(this::remove);
        return all;
    }

    /**
     * Takes the next object and those that follow it without a gap, of whatever class: they cost
     * the medium no further way.
     *
     * @param costs of the medium's movements
     */
    List<PendingObject> takeRun(int most, long nowNanos, AccessCosts costs) {
        promote(nowNanos);
        List<PendingObject> run = new ArrayList<>();
        PendingObject object = choose(costs);
        while (object != null) {
            boolean stays = object.key.equals(next);
            remove(object);
            run.add(object);
            long length = object.target.objectBytes(object.key.object());
            stayedBytes = stays ? stayedBytes + length : length;
            position = object.position + length;
            next = object.key.next();
            object = run.size() < most ? byKey.get(next) : null;
        }
        return run;
    }

    /** Refiles what has become due or old since. */
    private void promote(long nowNanos) {
        while (!byDeadline.isEmpty() && byDeadline.first().deadlineNanos <= nowNanos) {
            refile(byDeadline.pollFirst(), Shelf.DUE);
        }
        long bound = nowNanos - AGE_BOUND.toNanos();
        while (!byAge.isEmpty() && byAge.first().blockedSinceNanos <= bound) {
            refile(byAge.pollFirst(), Shelf.AGED);
        }
    }

    private void refile(@Nullable PendingObject object, Shelf shelf) {
        if (object != null && object.shelf != null && shelf.compareTo(object.shelf) < 0) {
            shelf(object.shelf).remove(Spot.of(object));
            file(object, shelf);
        }
    }

    private @Nullable PendingObject choose(AccessCosts costs) {
        PendingObject here = next == null ? null : byKey.get(next);
        if (here != null && mayStay(here, costs)) {
            return here;
        }
        for (Shelf shelf : Shelf.values()) {
            NavigableMap<Spot, PendingObject> waiting = shelf(shelf);
            if (!waiting.isEmpty()) {
                Map.Entry<Spot, PendingObject> ahead =
                        waiting.ceilingEntry(new Spot(position, ObjectKey.LEAST));
                return ahead != null ? ahead.getValue() : waiting.firstEntry().getValue();
            }
        }
        return null;
    }

    private boolean mayStay(PendingObject here, AccessCosts costs) {
        long longest = costs.bytesPerSecond() * costs.locate().toMillis() / 4000;
        return here.shelf != Shelf.PRESTAGE
                && stayedBytes < longest
                && (here.shelf == Shelf.DUE || shelf(Shelf.DUE).isEmpty())
                && (here.deadlineNanos != PendingObject.NEVER || shelf(Shelf.AGED).isEmpty());
    }

    private NavigableMap<Spot, PendingObject> shelf(Shelf shelf) {
        NavigableMap<Spot, PendingObject> found = shelves.get(shelf);
        if (found == null) {
            throw new IllegalStateException("no shelf for " + shelf);
        }
        return found;
    }
}

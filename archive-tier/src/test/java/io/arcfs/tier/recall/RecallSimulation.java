package io.arcfs.tier.recall;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.AccessCosts;
import io.arcfs.tier.medium.MediumClock;
import io.arcfs.tier.medium.SimDrive;
import io.arcfs.tier.medium.SimSettings;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.LongUnaryOperator;

/**
 * A magneto-electric disk full of containers, the tier's own queue and readahead before it, and
 * readers, all in virtual time: events in their order, one thread.
 */
final class RecallSimulation {
    static final Geometry GEOMETRY = Geometry.DEFAULT;
    static final int OBJECT = GEOMETRY.objectBytes();
    static final AccessCosts COSTS =
            new AccessCosts(
                    SimSettings.DEFAULT.mount(),
                    SimSettings.DEFAULT.locate(),
                    SimSettings.DEFAULT.bytesPerSecond(),
                    GEOMETRY.deviceBytes());

    /** How the medium is served. */
    enum Scheduler {
        FIFO,
        OURS
    }

    /** Something that happens at a time. */
    interface Event {
        void happen();
    }

    private record Timed(long nanos, long order, Event event) implements Comparable<Timed> {
        @Override
        public int compareTo(Timed other) {
            int byTime = Long.compare(nanos, other.nanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final SimDrive drive;
    final Readahead readahead;
    private final Scheduler scheduler;
    private final MediumClock clock = MediumClock.virtual();
    private final RecallQueue queue = new RecallQueue();
    private final ArrayDeque<PendingObject> fifo = new ArrayDeque<>();
    private final Map<ObjectKey, PendingObject> pending = new HashMap<>();
    private final Map<ObjectKey, List<Event>> waiters = new HashMap<>();
    private final Map<Integer, BitSet> here = new HashMap<>();
    private final PriorityQueue<Timed> events = new PriorityQueue<>();
    private long now;
    private long order;
    final Map<Priority, Long> bytes = new HashMap<>();

    RecallSimulation(Scheduler scheduler) {
        this.scheduler = scheduler;
        this.drive = new SimDrive(COSTS, clock);
        this.readahead =
                new Readahead(GEOMETRY, this::nanos, _ -> COSTS, 2L << 30, this::wantAhead);
    }

    long nanos() {
        return now;
    }

    double seconds() {
        return now / 1e9;
    }

    void at(long nanos, Event event) {
        events.add(new Timed(nanos, order++, event));
    }

    boolean isHere(long address) {
        BitSet objects = here.get(GEOMETRY.containerOf(address));
        return objects != null && objects.get(objectOf(address));
    }

    static int objectOf(long address) {
        return (int) ((address % GEOMETRY.containerBytes()) / OBJECT);
    }

    /** Asks for the object that holds the address; the event happens when it is here. */
    void want(long address, Priority priority, long deadline, Event then) {
        ObjectKey key =
                new ObjectKey(new ContainerId(GEOMETRY.containerOf(address), 1), objectOf(address));
        if (isHere(address)) {
            at(now, then);
            return;
        }
        waiters.computeIfAbsent(key, k -> new ArrayList<>()).add(then);
        PendingObject object = pending.get(key);
        if (object == null) {
            object = new PendingObject(key, new Target(key.container()), priority);
            object.position =
                    GEOMETRY.containerStart(key.container().number())
                            + (long) key.object() * OBJECT;
            object.blockedSinceNanos = now;
            pending.put(key, object);
            fifo.add(object);
        } else {
            if (scheduler == Scheduler.OURS && object.queue == null) {
                return; // being read
            }
            queue.remove(object);
            if (priority.compareTo(object.priority) < 0) {
                object.priority = priority;
                object.blockedSinceNanos = now;
            }
        }
        object.deadlineNanos = Math.min(object.deadlineNanos, deadline);
        if (scheduler == Scheduler.OURS) {
            queue.add(object);
        }
    }

    private void wantAhead(long from, long to, LongUnaryOperator deadline) {
        for (long at = from; at < to; at = objectEnd(at)) {
            if (at % GEOMETRY.containerBytes() < GEOMETRY.dataBytes() && !isHere(at)) {
                want(at, Priority.READAHEAD, deadline.applyAsLong(at), () -> {});
            }
        }
    }

    /** Where the object after that of the address begins. */
    private static long objectEnd(long address) {
        int container = GEOMETRY.containerOf(address);
        long end = GEOMETRY.containerStart(container) + (objectOf(address) + 1L) * OBJECT;
        return end >= GEOMETRY.dataEnd(container) ? GEOMETRY.containerStart(container + 1) : end;
    }

    /** Runs until nothing is left to do or that time has come. */
    void run(Duration until) {
        while (true) {
            while (!events.isEmpty() && events.peek().nanos <= clock.nanos()) {
                Timed next = events.poll();
                now = Math.max(now, next.nanos);
                next.event.happen();
            }
            if (clock.nanos() >= until.toNanos()) {
                return;
            }
            now = Math.max(now, clock.nanos());
            List<PendingObject> run = next();
            if (!run.isEmpty()) {
                serve(run);
            } else if (!events.isEmpty()) {
                clock.pass(Duration.ofNanos(events.peek().nanos - clock.nanos()));
            } else {
                return;
            }
        }
    }

    private List<PendingObject> next() {
        if (scheduler == Scheduler.OURS) {
            return queue.takeRun(16, clock.nanos(), COSTS);
        }
        PendingObject first = fifo.poll();
        return first == null ? List.of() : List.of(first);
    }

    private void serve(List<PendingObject> run) {
        for (PendingObject object : run) {
            int length = object.target.objectBytes(object.key.object());
            drive.access(object.position, length);
            bytes.merge(object.priority, (long) length, Long::sum);
            long in = clock.nanos();
            at(
                    in,
                    () -> {
                        pending.remove(object.key);
                        here.computeIfAbsent(object.key.container().number(), c -> new BitSet())
                                .set(object.key.object());
                        List<Event> all = waiters.remove(object.key);
                        if (all != null) {
                            all.forEach(Event::happen);
                        }
                    });
        }
    }

    private record Target(ContainerId id) implements RecallTarget {
        @Override
        public List<Placement> placements() {
            return List.of();
        }

        @Override
        public ObjectTable objects() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int objectBytes(int object) {
            return object == GEOMETRY.objectsPerContainer() - 1 ? 40 << 10 : OBJECT;
        }

        @Override
        public void install(int firstObject, int objects, MemorySegment bytes, int[] blockCrcs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void settled() {}
    }
}

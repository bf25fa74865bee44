package io.arcfs.fuse.kernel;

import io.arcfs.fuse.OperationTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** How long requests take, by opcode, once somebody wants to know. Thread-safe. */
final class RequestTimes {
    private static final int CLASSES = OperationTimes.BOUNDS_SECONDS.size() + 1;
    private static final long FIRST_BOUND_NANOS = 10_000;

    private volatile LongAdder @org.jspecify.annotations.Nullable [] counts;
    private volatile LongAdder @org.jspecify.annotations.Nullable [] nanos;

    /** From now on; before it nothing is kept and a request pays a look at a field. */
    synchronized void measure() {
        if (counts == null) {
            nanos = adders(Opcode.LIMIT);
            counts = adders(Opcode.LIMIT * CLASSES);
        }
    }

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        for (int i = 0; i < count; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    /** What to give to {@link #finished}. */
    long started() {
        return counts == null ? 0 : System.nanoTime();
    }

    void finished(int opcode, long startedNanos) {
        LongAdder[] byClass = counts;
        LongAdder[] sums = nanos;
        if (startedNanos == 0
                || byClass == null
                || sums == null
                || opcode < 0
                || opcode >= Opcode.LIMIT) {
            return;
        }
        long took = System.nanoTime() - startedNanos;
        byClass[opcode * CLASSES + classOf(took)].increment();
        sums[opcode].add(took);
    }

    /** The first bound that is not below it; bounds grow by four. */
    static int classOf(long nanos) {
        int found = 0;
        for (long bound = FIRST_BOUND_NANOS; nanos > bound && found < CLASSES - 1; bound *= 4) {
            found++;
        }
        return found;
    }

    /** By the names of {@link Opcode}; those never seen are left out. */
    Map<String, OperationTimes> byName() {
        Map<String, OperationTimes> times = new TreeMap<>();
        LongAdder[] byClass = counts;
        LongAdder[] sums = nanos;
        if (byClass == null || sums == null) {
            return times;
        }
        for (int opcode = 0; opcode < Opcode.LIMIT; opcode++) {
            List<Long> classes = new ArrayList<>(CLASSES);
            for (int i = 0; i < CLASSES; i++) {
                classes.add(byClass[opcode * CLASSES + i].sum());
            }
            if (classes.stream().anyMatch(count -> count > 0)) {
                times.put(
                        Opcode.name(opcode), new OperationTimes(classes, sums[opcode].sum() / 1e9));
            }
        }
        return times;
    }
}

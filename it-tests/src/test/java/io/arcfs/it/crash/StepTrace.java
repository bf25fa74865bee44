package io.arcfs.it.crash;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Watches every durable operation of the process: of two that follow each other in one thread, a
 * failpoint has to lie between. Thread-safe.
 */
final class StepTrace implements Faults.Plan {
    private final Map<Thread, String> lastDurable = new ConcurrentHashMap<>();
    private final Map<String, String> gaps = new ConcurrentSkipListMap<>();
    private final Set<String> places = new ConcurrentSkipListSet<>();
    private final Set<Failpoint> reached = ConcurrentHashMap.newKeySet();

    @Override
    public void reached(Failpoint point) {
        reached.add(point);
        lastDurable.remove(Thread.currentThread());
    }

    @Override
    public void before(Operation operation, String subject) {
        if (operation == Operation.WRITE || operation == Operation.ALLOCATE) {
            return; // durable only with the sync that follows
        }
        String here = operation + " " + place();
        places.add(here);
        String before = lastDurable.put(Thread.currentThread(), here);
        if (before != null) {
            gaps.putIfAbsent(before + " -> " + here, subject);
        }
    }

    /** The callers in our own code, innermost first. */
    private static String place() {
        StringBuilder text = new StringBuilder();
        StackWalker.getInstance()
                .forEach(frame -> {
                    String type = frame.getClassName();
                    if (type.startsWith("io.arcfs.")
                            && !type.startsWith("io.arcfs.posix.Posix")
                            && !type.startsWith("io.arcfs.failpoint.")
                            && !type.startsWith("io.arcfs.it.")
                            && text.length() < 200) {
                        text.append(type.substring(type.lastIndexOf('.') + 1))
                                .append('.')
                                .append(frame.getMethodName())
                                .append(' ');
                    }
                });
        return text.toString().strip();
    }

    /** Pairs of operations with nothing between, and what the second was about. */
    Map<String, String> gaps() {
        return new TreeMap<>(gaps);
    }

    /** Where durable operations are done. */
    Set<String> places() {
        return new TreeSet<>(places);
    }

    Set<Failpoint> reached() {
        return reached;
    }
}

package io.arcfs.failpoint;

import io.arcfs.posix.Errno;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is to go wrong in this process. {@code -Darcfs.failpoint=NAME[@N]=kill|eio|enospc,...} does
 * it from the start, at the N-th time the point is reached; with {@code -Darcfs.faults=true} a test
 * installs a plan of its own. Thread-safe.
 */
public final class Faults {
    private static final String PROPERTY = "arcfs.failpoint";

    /** Never changes: where it is false the compiler removes what asks. */
    static final boolean ON =
            Boolean.getBoolean("arcfs.faults") || System.getProperty(PROPERTY) != null;

    private static volatile @Nullable Plan plan = ofProperty(System.getProperty(PROPERTY));

    private Faults() {}

    /** What a durable medium, or the catalog on it, is asked to do. */
    public enum Operation {
        CREATE,
        WRITE,
        SYNC,
        TRUNCATE,
        PUNCH_HOLE,
        RENAME,
        UNLINK,
        /** Space of the device is given out. */
        ALLOCATE,
        /** A database takes a change; only the operating system has it. */
        COMMIT,
        /** A database takes a change, or all before, durably. */
        COMMIT_SYNCED
    }

    /** Decides at every step; called by any thread. */
    public interface Plan {
        /** A step is done. */
        void reached(Failpoint point) throws IOException;

        /** An operation is about to be done; what this throws is its failure. */
        void before(Operation operation, String subject) throws IOException;
    }

    /** Whether this process was started for faults. */
    public static boolean areOn() {
        return ON;
    }

    /**
     * Has the plan asked from now on; null for none.
     *
     * @throws IllegalStateException if the process was not started for faults
     */
    public static void install(@Nullable Plan next) {
        if (!ON) {
            throw new IllegalStateException("start the JVM with -Darcfs.faults=true");
        }
        plan = next;
    }

    static void reached(Failpoint point) throws IOException {
        Plan now = plan;
        if (now != null) {
            now.reached(point);
        }
    }

    /** An operation is about to be done; free unless faults are on. */
    public static void before(Operation operation, @Nullable String subject) throws IOException {
        if (ON) {
            Plan now = plan;
            if (now != null) {
                now.before(operation, String.valueOf(subject));
            }
        }
    }

    private static @Nullable Plan ofProperty(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        Map<Failpoint, AtPoint> points = new EnumMap<>(Failpoint.class);
        for (String one : text.split(",", -1)) {
            int equals = one.lastIndexOf('=');
            String what = equals < 0 ? "kill" : one.substring(equals + 1);
            String where = equals < 0 ? one : one.substring(0, equals);
            int at = where.indexOf('@');
            int times = at < 0 ? 1 : Integer.parseInt(where.substring(at + 1));
            String name = at < 0 ? where : where.substring(0, at);
            points.put(
                    Failpoint.valueOf(name.toUpperCase(Locale.ROOT)),
                    new AtPoint(
                            new AtomicInteger(times),
                            what.equals("kill")
                                    ? null
                                    : Errno.valueOf(what.toUpperCase(Locale.ROOT))));
        }
        return new AtPoints(points);
    }

    /**
     * What goes wrong at one point, once.
     *
     * @param left how often the point is still reached until then
     * @param errno null: the process dies as by kill -9
     */
    private record AtPoint(AtomicInteger left, @Nullable Errno errno) {}

    /** Something goes wrong at some points. */
    private record AtPoints(Map<Failpoint, AtPoint> points) implements Plan {
        @Override
        public void reached(Failpoint reached) throws IOException {
            AtPoint point = points.get(reached);
            if (point == null || point.left.decrementAndGet() != 0) {
                return;
            }
            Errno errno = point.errno;
            if (errno == null) {
                Posix.killThisProcess();
            } else {
                throw new PosixException("failpoint " + reached, errno, null);
            }
        }

        @Override
        public void before(Operation operation, String subject) {
            // Only points count.
        }
    }
}

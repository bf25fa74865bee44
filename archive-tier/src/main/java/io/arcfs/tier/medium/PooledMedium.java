package io.arcfs.tier.medium;

import io.arcfs.tier.ContainerId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A medium as the pool keeps it: opened when it can be, with what became of it and counters since
 * mount. Thread-safe.
 */
public final class PooledMedium implements AutoCloseable {
    /** How the medium does. */
    public enum State {
        OK,
        /** It answered, but the last operation failed or gave wrong bytes. */
        DEGRADED,
        /** It cannot be opened. */
        OFFLINE;

        /** As status shows it. */
        public String word() {
            return switch (this) {
                case OK -> "ok";
                case DEGRADED -> "degraded";
                case OFFLINE -> "offline";
            };
        }
    }

    /** Opens a medium; the id is what the catalog knows it by, null for one it does not know. */
    @FunctionalInterface
    public interface Opener {
        Medium open(@Nullable UUID knownId) throws IOException;
    }

    public final AtomicLong objectsRead = new AtomicLong();
    public final AtomicLong objectsVerified = new AtomicLong();
    public final AtomicLong objectsWritten = new AtomicLong();

    private static final int DAMAGED_LINES = 100;
    private static final long NOT_COUNTED = -1;

    private final Set<String> damaged = new ConcurrentSkipListSet<>();
    private final String spec;
    private final Opener opener;
    private @Nullable Medium medium; // guarded by this
    private volatile @Nullable Medium lastOpened;
    private volatile @Nullable UUID id;
    private volatile boolean retiring;
    private volatile State state = State.OFFLINE;
    private volatile @Nullable String failure;
    private volatile long usedBytes = NOT_COUNTED;

    public PooledMedium(String spec, Opener opener, @Nullable UUID knownId) {
        this.spec = spec;
        this.opener = opener;
        this.id = knownId;
    }

    public String spec() {
        return spec;
    }

    /** It is to leave the pool: it is read, and no longer written or counted. */
    public boolean isRetiring() {
        return retiring;
    }

    public void setRetiring(boolean leaves) {
        retiring = leaves;
    }

    /** What was wrong of a container there is right again. */
    public void repaired(ContainerId container) {
        damaged.removeIf(line -> line.startsWith(container + " "));
    }

    /** Identity, once known. */
    public Optional<UUID> id() {
        return Optional.ofNullable(id);
    }

    /** The open medium; tries again when it was offline. */
    public synchronized Medium open() throws IOException {
        Medium open = medium;
        if (open == null) {
            try {
                open = opener.open(id);
            } catch (IOException e) {
                state = State.OFFLINE;
                failure = e.getMessage();
                throw e;
            }
            medium = open;
            lastOpened = open;
            id = open.id();
            succeeded();
        }
        return open;
    }

    /**
     * Where a place begins on the medium; in the order of container numbers while it cannot be
     * asked. Never opens the medium: callers may hold locks.
     */
    public long positionOf(String place, ContainerId container) {
        Medium open = lastOpened;
        if (open != null) {
            try {
                return open.position(place);
            } catch (IOException e) {
                failure = e.getMessage(); // reading it will fail, too, and say more
            }
        }
        return (long) container.number() << 32;
    }

    /** What touching it takes, as far as it was ever open. */
    public AccessCosts costs() {
        Medium open = lastOpened;
        return open == null ? AccessCosts.HARD_DISK : open.costs();
    }

    /** What moves its bytes, if it was ever open. */
    public String transfers() {
        Medium open = lastOpened;
        return open == null ? "not known: it was never open" : open.transfers();
    }

    /** See {@link Medium#timeScale}. */
    public double timeScale() {
        Medium open = lastOpened;
        return open == null ? 1 : open.timeScale();
    }

    public State state() {
        return state == State.OK && !damaged.isEmpty() ? State.DEGRADED : state;
    }

    /** What it gave back wrongly, one line each. */
    public List<String> damaged() {
        return List.copyOf(damaged);
    }

    /** What went wrong last, while the state is not OK. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Space taken, as of the last count. The first is made when somebody asks: it touches every
     * place, for which nobody should wait who only wants the medium.
     */
    public long usedBytes() {
        Medium open = lastOpened;
        if (usedBytes == NOT_COUNTED && open != null) {
            try {
                usedBytes = open.usedBytes();
            } catch (IOException e) {
                failure = e.getMessage(); // whoever uses it will fail, too, and say more
            }
        }
        return Math.max(0, usedBytes);
    }

    /** Space that is left; endless while it cannot be asked. Never opens the medium. */
    public long freeBytes() {
        Medium open = lastOpened;
        if (open != null) {
            try {
                return open.freeBytes();
            } catch (IOException e) {
                failure = e.getMessage(); // writing to it will fail, too, and say more
            }
        }
        return Long.MAX_VALUE;
    }

    /** Counts the space taken anew. */
    public void recountUsedBytes() throws IOException {
        usedBytes = open().usedBytes();
    }

    public void succeeded() {
        state = State.OK;
        failure = null;
    }

    /** An operation failed: the medium is opened anew before the next. */
    public synchronized void failed(IOException e) {
        if (state != State.OFFLINE) {
            state = State.DEGRADED;
        }
        failure = e.getMessage();
        Medium open = medium;
        medium = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException close) {
                e.addSuppressed(close);
            }
        }
    }

    /** Bytes it gave back were not those it was given; it stays degraded. */
    public void gaveWrongBytes(String what) {
        if (damaged.size() < DAMAGED_LINES) {
            damaged.add(what);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        Medium open = medium;
        medium = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public String toString() {
        return spec;
    }
}

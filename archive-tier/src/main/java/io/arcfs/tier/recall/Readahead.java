package io.arcfs.tier.recall;

import io.arcfs.tier.Geometry;
import io.arcfs.tier.medium.AccessCosts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds readers that go through the device from front to back, and asks for what they will read.
 *
 * <p>A reader is known after half a MiB in a row; before that a slow medium brings a little more
 * than it is asked for, so that it need not come back at once. How far ahead it is served depends
 * on what the medium takes: a sixteenth of the whole way's time at the medium's rate at least, so
 * that the way was worth it. A reader much slower than the medium is a player: it gets so much at
 * once that the medium can spend five sixths of its time elsewhere, and a deadline for each object,
 * two whole ways before it runs dry. Never more than 32 times what it has read.
 *
 * <p>Thread-safe.
 */
public final class Readahead {
    private static final long KNOWN_BYTES = 512 << 10;
    private static final long LEAST_BYTES = 2 << 20;

    /** Reads of one file arrive a little out of order, the kernel's own readahead for one. */
    private static final long SLACK_BYTES = 1 << 20;

    /** At a first read, what takes the medium that part of its whole way, if that is an object. */
    private static final int FIRST_PARTS = 1024;

    private static final int MOST_STREAMS = 64;
    private static final int GROWTH = 32;
    private static final double SECOND = 1e9;

    /** Ways of the medium that a player's buffer outlasts: there, and back from elsewhere. */
    private static final int GUARD_WAYS = 2;

    private static final int PLAYER_WAYS = 14;

    /** Takes requests for bytes that will be read. */
    public interface Requester {
        /**
         * @param deadlineNanos when the byte at an address will be needed; {@link Long#MAX_VALUE}:
         *     nobody knows
         */
        void want(long from, long to, LongUnaryOperator deadlineNanos);
    }

    private final Geometry geometry;
    private final LongSupplier clock;
    private final IntFunction<AccessCosts> costs;
    private final long mostBytes;
    private final Requester requester;
    private final List<Stream> streams = new ArrayList<>(); // guarded by this

    /** A reader on its way. Guarded by the Readahead. */
    private static final class Stream {
        long next;
        long ahead;
        long bytes;
        long usedNanos;
        long sampleStartNanos;
        long sampleBytes;
        long sampleWaitedNanos;

        /** Bytes per second it takes while it need not wait; 0: not yet known. */
        double rate;
    }

    private record Request(long from, long to, LongUnaryOperator deadline) {}

    /**
     * @param costs of the medium that holds a container, by its number
     * @param mostBytes no reader is served further ahead
     */
    public Readahead(
            Geometry geometry,
            LongSupplier clock,
            IntFunction<AccessCosts> costs,
            long mostBytes,
            Requester requester) {
        this.geometry = geometry;
        this.clock = clock;
        this.costs = costs;
        this.mostBytes = mostBytes;
        this.requester = requester;
    }

    /** Bytes of the device are about to be read. */
    public void reading(long address, long length) {
        Request request;
        synchronized (this) {
            request = advance(streamAt(address), address, length);
        }
        if (request != null) {
            requester.want(request.from, request.to, request.deadline);
        }
    }

    /** Bytes are about to be read that no medium is needed for, nor for what may follow them. */
    public synchronized void passing(long address, long length) {
        Stream stream = streamAt(address);
        stream.usedNanos = clock.getAsLong();
        stream.next = Math.max(stream.next, address + length);
        stream.sampleBytes += length;
        stream.bytes += length;
    }

    /** The read at this address had to wait that long. */
    public synchronized void waited(long address, long nanos) {
        for (Stream stream : streams) {
            if (address >= stream.next - 2 * SLACK_BYTES && address <= stream.next) {
                stream.sampleWaitedNanos += nanos;
                return;
            }
        }
    }

    private Stream streamAt(long address) {
        Stream oldest = null;
        for (Stream stream : streams) {
            if (continues(stream.next, address)) {
                return stream;
            }
            if (oldest == null || stream.usedNanos < oldest.usedNanos) {
                oldest = stream;
            }
        }
        Stream fresh = oldest;
        if (fresh == null || streams.size() < MOST_STREAMS) {
            fresh = new Stream();
            streams.add(fresh);
        }
        fresh.bytes = 0;
        fresh.next = address;
        fresh.ahead = address;
        fresh.rate = 0;
        startSample(fresh, clock.getAsLong());
        return fresh;
    }

    private static void startSample(Stream stream, long now) {
        stream.sampleStartNanos = now;
        stream.sampleBytes = 0;
        stream.sampleWaitedNanos = 0;
    }

    /** Whether a read there goes on where another ended, be it in the next container. */
    private boolean continues(long next, long address) {
        if (address >= next - SLACK_BYTES && address <= next + SLACK_BYTES) {
            return true;
        }
        int container = geometry.containerOf(Math.max(0, next - 1));
        if (container + 1 >= geometry.containers()) {
            return false;
        }
        long dataEnd = geometry.dataEnd(container);
        long nextStart = geometry.firstDataAddress(container + 1);
        // Chunks do not cross containers: the last one's place may have stayed empty.
        return next > dataEnd - geometry.chunkBytes()
                && address >= nextStart
                && address < nextStart + geometry.chunkBytes();
    }

    private @Nullable Request advance(Stream stream, long address, long length) {
        long now = clock.getAsLong();
        stream.usedNanos = now;
        stream.next = Math.max(stream.next, address + length);
        stream.sampleBytes += length;
        stream.bytes += length;
        AccessCosts medium = costs.apply(geometry.containerOf(address));
        double way = medium.locate().toNanos() / SECOND;
        if (stream.bytes < KNOWN_BYTES) {
            return firstRead(stream, (long) (medium.bytesPerSecond() * way / FIRST_PARTS));
        }
        sample(stream, now, medium);
        boolean player = stream.rate > 0 && stream.rate < medium.bytesPerSecond() / 4.0;
        double worth = medium.bytesPerSecond() * way / 16;
        double wanted = player ? Math.max(worth, PLAYER_WAYS * way * stream.rate) : worth;
        long most = Math.min(mostBytes, GROWTH * stream.bytes);
        long window = Math.clamp((long) wanted, LEAST_BYTES, Math.max(LEAST_BYTES, most));
        long low = window / 2;
        if (player) {
            low = Math.min(low, (long) (GUARD_WAYS * way * stream.rate) + KNOWN_BYTES);
        }
        stream.ahead = Math.max(stream.ahead, stream.next);
        if (stream.ahead - stream.next > low) {
            return null;
        }
        long from = stream.ahead;
        long to = Math.min(stream.next + window, geometry.deviceBytes());
        stream.ahead = Math.max(from, to);
        if (from >= to) {
            return null;
        }
        if (!player) {
            return new Request(from, to, _ -> Long.MAX_VALUE);
        }
        long here = stream.next;
        double rate = stream.rate;
        long guard = (long) (way * SECOND);
        return new Request(
                from, to, at -> now + (long) (Math.max(0, at - here) / rate * SECOND) - guard);
    }

    /** The medium comes here for the first time: a little more costs it next to nothing. */
    private @Nullable Request firstRead(Stream stream, long worth) {
        long to = Math.min(stream.next + Math.min(worth, mostBytes), geometry.deviceBytes());
        if (stream.ahead > stream.next || worth < geometry.objectBytes()) {
            return null;
        }
        long from = stream.next;
        stream.ahead = to;
        return new Request(from, to, _ -> Long.MAX_VALUE);
    }

    /** Measures the reader's own rate: without the time it spent waiting for us. */
    private static void sample(Stream stream, long now, AccessCosts medium) {
        double seconds = (now - stream.sampleStartNanos) / SECOND;
        if (seconds < 2) {
            return;
        }
        double own = Math.max(0.05, seconds - stream.sampleWaitedNanos / SECOND);
        double rate = Math.min(stream.sampleBytes / own, (double) medium.bytesPerSecond());
        stream.rate = stream.rate == 0 ? rate : (stream.rate + rate) / 2;
        startSample(stream, now);
    }
}

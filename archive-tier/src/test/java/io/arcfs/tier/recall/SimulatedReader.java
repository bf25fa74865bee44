package io.arcfs.tier.recall;

import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;

/**
 * Reads a range of the device from front to back in requests of 128 KiB, as the kernel makes them:
 * as fast as it can up to its cache, and takes from the cache at its own rate.
 */
final class SimulatedReader {
    static final int REQUEST = 128 << 10;

    private final RecallSimulation simulation;
    private final double rate;
    private final long cacheBytes;
    private final long lengthBytes;
    private long address;
    private long fetched;
    private double playedFrom = -1;
    private double stalledSeconds;
    private int stalls;
    private boolean ended;
    private double firstByte = -1;
    private double lastByte;

    /**
     * @param rate bytes per second that are played; infinity: a copy
     * @param cacheBytes read ahead of what is played; playing begins when it is full
     */
    SimulatedReader(
            RecallSimulation simulation,
            long address,
            long lengthBytes,
            double rate,
            long cacheBytes) {
        this.simulation = simulation;
        this.address = address;
        this.lengthBytes = lengthBytes;
        this.rate = rate;
        this.cacheBytes = cacheBytes;
    }

    void start() {
        simulation.at(simulation.nanos(), this::read);
    }

    private void read() {
        if (fetched >= lengthBytes) {
            ended = true;
            return;
        }
        if (address % RecallSimulation.GEOMETRY.containerBytes()
                >= RecallSimulation.GEOMETRY.dataBytes()) {
            Geometry geometry = RecallSimulation.GEOMETRY;
            address = geometry.containerStart(geometry.containerOf(address) + 1);
        }
        long asked = simulation.nanos();
        long at = address;
        simulation.readahead.reading(at, REQUEST);
        Runnable got = () -> got(at, asked);
        waitFor(at, () -> waitFor(at + REQUEST - 1, got));
    }

    private void waitFor(long at, Runnable then) {
        if (simulation.isHere(at)
                || at % RecallSimulation.GEOMETRY.containerBytes()
                        >= RecallSimulation.GEOMETRY.dataBytes()) {
            then.run();
        } else {
            simulation.want(at, Priority.FOREGROUND, PendingObject.NEVER, then::run);
        }
    }

    private void got(long at, long asked) {
        double now = simulation.seconds();
        if (simulation.nanos() > asked) {
            simulation.readahead.waited(at, simulation.nanos() - asked);
        }
        if (firstByte < 0) {
            firstByte = now;
        }
        // Ran dry: what would have been played by now is more than there was.
        if (playedFrom >= 0 && played(now) > fetched) {
            double late = (played(now) - fetched) / rate;
            stalledSeconds += late;
            stalls++;
            playedFrom += late;
        }
        address = at + REQUEST;
        fetched += REQUEST;
        lastByte = now;
        if (playedFrom < 0 && fetched >= cacheBytes) {
            playedFrom = now;
        }
        // A FUSE request and the reader's own work; a player whose cache is full waits for room.
        double next = now + 0.0001;
        if (playedFrom >= 0 && !Double.isInfinite(rate)) {
            next = Math.max(next, playedFrom + (fetched - cacheBytes) / rate);
        }
        simulation.at((long) (next * 1e9), this::read);
    }

    private double played(double now) {
        return Double.isInfinite(rate) ? 0 : (now - playedFrom) * rate;
    }

    boolean hasEnded() {
        return ended;
    }

    double startSeconds() {
        return playedFrom;
    }

    double stalledSeconds() {
        return stalledSeconds;
    }

    int stalls() {
        return stalls;
    }

    long fetchedBytes() {
        return fetched;
    }

    /** Bytes per second from the first to the last. */
    double throughput() {
        return (fetched - REQUEST) / (lastByte - firstByte);
    }
}

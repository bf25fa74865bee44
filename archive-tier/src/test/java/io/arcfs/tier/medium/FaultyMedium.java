package io.arcfs.tier.medium;

import io.arcfs.tier.ContainerId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A medium that fails, flips bits and dawdles when told to; thread-safe like the one behind it. */
public final class FaultyMedium implements Medium {
    /** What is wrong with the medium; shared by every opening of it. */
    public static final class Faults {
        public volatile boolean absent;
        public volatile boolean failsWrites;
        public volatile boolean failsReads;

        /** One bit of every byte range read that holds this offset is wrong; -1: none. */
        public volatile long flippedOffset = -1;

        /** Reads wait for a permit. */
        public final Semaphore readPermits = new Semaphore(Integer.MAX_VALUE / 2);

        public final AtomicInteger reads = new AtomicInteger();

        public void holdReads() {
            readPermits.drainPermits();
        }

        public void releaseReads() {
            readPermits.release(Integer.MAX_VALUE / 2);
        }
    }

    private final Medium medium;
    private final Faults faults;

    public FaultyMedium(Medium medium, Faults faults) throws IOException {
        this.medium = medium;
        this.faults = faults;
        if (faults.absent) {
            throw new IOException("the medium is absent");
        }
    }

    @Override
    public UUID id() {
        return medium.id();
    }

    @Override
    public ContainerWriter begin(ContainerId container) throws IOException {
        ContainerWriter writer = medium.begin(container);
        return new ContainerWriter() {
            @Override
            public void write(long offsetInContainer, MemorySegment source) throws IOException {
                if (faults.failsWrites) {
                    throw new IOException("injected: no space on the medium");
                }
                writer.write(offsetInContainer, source);
            }

            @Override
            public String commit() throws IOException {
                return writer.commit();
            }

            @Override
            public void close() throws IOException {
                writer.close();
            }
        };
    }

    @Override
    public void read(String place, long offsetInContainer, MemorySegment target)
            throws IOException {
        faults.readPermits.acquireUninterruptibly();
        faults.readPermits.release();
        faults.reads.incrementAndGet();
        if (faults.failsReads) {
            throw new IOException("injected: the medium does not read");
        }
        medium.read(place, offsetInContainer, target);
        long at = faults.flippedOffset - offsetInContainer;
        if (at >= 0 && at < target.byteSize()) {
            byte wrong = (byte) (target.get(ValueLayout.JAVA_BYTE, at) ^ 1);
            target.set(ValueLayout.JAVA_BYTE, at, wrong);
        }
    }

    @Override
    public Listing list() throws IOException {
        return medium.list();
    }

    @Override
    public void free(String place) throws IOException {
        medium.free(place);
    }

    @Override
    public long usedBytes() throws IOException {
        return medium.usedBytes();
    }

    @Override
    public long freeBytes() throws IOException {
        return medium.freeBytes();
    }

    @Override
    public long position(String place) throws IOException {
        return medium.position(place);
    }

    @Override
    public AccessCosts costs() {
        return medium.costs();
    }

    @Override
    public void close() throws IOException {
        medium.close();
    }
}

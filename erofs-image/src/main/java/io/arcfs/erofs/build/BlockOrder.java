package io.arcfs.erofs.build;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Gives blocks to units of work in the order of the units' numbers, whichever thread asks first.
 * Every number must come, even if it needs none. Thread-safe.
 */
final class BlockOrder {
    private final long firstBlock;
    private long nextBlock;
    private long turn;
    private @Nullable IOException failure;

    BlockOrder(long firstBlock) {
        this.firstBlock = firstBlock;
        this.nextBlock = firstBlock;
    }

    /** Waits until all units before this one have asked; the first of its blocks. */
    synchronized long take(long unit, long blocks) throws IOException {
        boolean interrupted = false;
        while (turn != unit && failure == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // the units before do come, or fail
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IOException(failure);
        }
        long first = nextBlock;
        nextBlock += blocks;
        turn++;
        notifyAll();
        return first;
    }

    /** Ends all waiting, now and later. */
    synchronized void fail(IOException reason) {
        if (failure == null) {
            failure = reason;
        }
        notifyAll();
    }

    synchronized long blocks() {
        return nextBlock - firstBlock;
    }
}

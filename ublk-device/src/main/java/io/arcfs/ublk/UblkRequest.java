package io.arcfs.ublk;

import io.arcfs.posix.Errno;
import io.arcfs.ublk.abi.IoCommandLayout;
import io.arcfs.ublk.abi.IoDescriptorLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The request that a tag carries; one object per tag for the queue's life.
 *
 * <p>A target owns it from {@link QueueTarget#start} until it answers with {@link #succeed} or
 * {@link #fail}, from whatever thread. The first answer counts, later ones are ignored (U1).
 */
public final class UblkRequest {
    private static final int WITH_KERNEL = 0;
    private static final int WITH_TARGET = 1;
    private static final int ANSWERED = 2;

    private final UblkQueue queue;
    private final int tag;
    private final MemorySegment buffer;
    private final AtomicInteger holder = new AtomicInteger(WITH_KERNEL);
    private Operation operation = Operation.OTHER;
    private int opFlags;
    private long offsetBytes;
    private long lengthBytes;

    /** For the target's own use while it owns the request: how far it has come. */
    public long progress;

    /** For the target's own use: which step it is at. */
    public int step;

    UblkRequest(UblkQueue queue, int tag, MemorySegment buffer) {
        this.queue = queue;
        this.tag = tag;
        this.buffer = buffer;
    }

    void begin(int newOpFlags, int sectors, long startSector) {
        opFlags = newOpFlags;
        operation = Operation.of(newOpFlags);
        offsetBytes = startSector << 9;
        lengthBytes = Integer.toUnsignedLong(sectors) << 9;
        progress = 0;
        step = 0;
        holder.set(WITH_TARGET);
    }

    public int tag() {
        return tag;
    }

    public Operation operation() {
        return operation;
    }

    public long offsetBytes() {
        return offsetBytes;
    }

    public long lengthBytes() {
        return lengthBytes;
    }

    /** Whether this write must be durable when it is answered. */
    public boolean isDurable() {
        return (opFlags & IoDescriptorLayout.F_FUA) != 0;
    }

    /** Whether write-zeroes must keep the space allocated. */
    public boolean keepsSpace() {
        return (opFlags & IoDescriptorLayout.F_NOUNMAP) != 0;
    }

    /** The tag's page-aligned memory; of size 0 with ZERO_COPY. Holds a write's bytes with COPY. */
    public MemorySegment buffer() {
        return buffer;
    }

    /** Where the request's bytes are on the character device, with USER_COPY. */
    public long userCopyPosition() {
        return IoCommandLayout.userCopyPosition(queue.id(), tag);
    }

    public UblkQueue queue() {
        return queue;
    }

    /** All of it was done. */
    public void succeed() {
        boolean moves = operation == Operation.READ || operation == Operation.WRITE;
        answer(moves ? (int) lengthBytes : 0);
    }

    /** None of it can be relied on. */
    public void fail(Errno errno) {
        answer(-errno.code());
    }

    private void answer(int result) {
        if (holder.compareAndSet(WITH_TARGET, ANSWERED)) {
            queue.answer(this, result);
        }
    }

    @Override
    public String toString() {
        return operation + " tag=" + tag + " offset=" + offsetBytes + " length=" + lengthBytes;
    }
}

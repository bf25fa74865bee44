package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.arcfs.posix.PosixException;
import io.arcfs.uring.abi.RingMemory.Handle.Mappings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The system calls themselves. Stateless. */
public final class DirectCalls implements RingCalls {
    private static final long OFF_SQ_RING = 0;
    private static final long OFF_CQ_RING = 0x8000000L;
    private static final long OFF_SQES = 0x10000000L;
    private static final int FEAT_SINGLE_MMAP = 1;
    private static final int SETUP_SQE128 = 1 << 10;
    private static final int RW = Kernel.PROT_READ | Kernel.PROT_WRITE;

    public DirectCalls() {}

    @Override
    public String name() {
        return "system calls";
    }

    @Override
    public RingMemory setup(int entries, MemorySegment params, Arena life) throws PosixException {
        int fd = (int) Kernel.call(Kernel.IO_URING_SETUP, entries, params.address(), 0, 0, 0, 0);
        if (fd < 0) {
            throw Kernel.failure("io_uring_setup", fd, entries + " entries");
        }
        int sqEntries = params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES);
        int cqEntries = params.get(JAVA_INT, ParamsLayout.CQ_ENTRIES);
        long arrayAt = word(params, ParamsLayout.SQ_ARRAY);
        long cqesAt = word(params, ParamsLayout.CQ_CQES);
        long sqBytes = arrayAt + 4L * sqEntries;
        long cqBytes = cqesAt + CqeLayout.SIZE_BYTES * cqEntries;
        int features = params.get(JAVA_INT, ParamsLayout.FEATURES);
        boolean single = (features & FEAT_SINGLE_MMAP) != 0;
        MemorySegment sq = MemorySegment.NULL;
        MemorySegment cq = MemorySegment.NULL;
        try {
            sq =
                    Kernel.map(
                            fd,
                            OFF_SQ_RING,
                            single ? Math.max(sqBytes, cqBytes) : sqBytes,
                            RW,
                            life);
            cq = single ? sq : Kernel.map(fd, OFF_CQ_RING, cqBytes, RW, life);
            boolean wide = (params.get(JAVA_INT, ParamsLayout.FLAGS) & SETUP_SQE128) != 0;
            long sqesBytes = (wide ? 2 : 1) * SqeLayout.SIZE_BYTES * sqEntries;
            MemorySegment sqes = Kernel.map(fd, OFF_SQES, sqesBytes, RW, life);
            return new RingMemory(
                    fd,
                    features,
                    sqEntries,
                    cqEntries,
                    sq.asSlice(word(params, ParamsLayout.SQ_HEAD), 4),
                    sq.asSlice(word(params, ParamsLayout.SQ_TAIL), 4),
                    sq.asSlice(word(params, ParamsLayout.SQ_FLAGS), 4),
                    sq.asSlice(arrayAt, 4L * sqEntries),
                    sqes,
                    cq.asSlice(word(params, ParamsLayout.CQ_HEAD), 4),
                    cq.asSlice(word(params, ParamsLayout.CQ_TAIL), 4),
                    cq.asSlice(word(params, ParamsLayout.CQ_OVERFLOW), 4),
                    cq.asSlice(cqesAt, CqeLayout.SIZE_BYTES * cqEntries),
                    new Mappings(sq, cq, sqes));
        } catch (PosixException e) {
            release(fd, sq, cq, MemorySegment.NULL);
            throw e;
        }
    }

    private static long word(MemorySegment params, long offset) {
        return params.get(JAVA_INT, offset);
    }

    @Override
    public int enter(
            RingMemory ring, int submit, int wait, int flags, long argument, long argumentBytes) {
        return (int)
                Kernel.call(
                        Kernel.IO_URING_ENTER,
                        ring.descriptor(),
                        submit,
                        wait,
                        flags,
                        argument,
                        argumentBytes);
    }

    @Override
    public int register(RingMemory ring, int operation, long argument, int count) {
        return (int)
                Kernel.call(
                        Kernel.IO_URING_REGISTER,
                        ring.descriptor(),
                        operation,
                        argument,
                        count,
                        0,
                        0);
    }

    @Override
    public void exit(RingMemory ring) {
        if (!(ring.handle() instanceof Mappings mapped)) {
            throw new IllegalArgumentException("a ring of another library");
        }
        release(ring.descriptor(), mapped.sqRing(), mapped.cqRing(), mapped.sqes());
    }

    private static void release(
            int descriptor, MemorySegment sq, MemorySegment cq, MemorySegment sqes) {
        if (sqes.address() != 0) {
            Kernel.unmap(sqes);
        }
        if (cq.address() != 0 && cq.address() != sq.address()) {
            Kernel.unmap(cq);
        }
        if (sq.address() != 0) {
            Kernel.unmap(sq);
        }
        Kernel.close(descriptor);
    }
}

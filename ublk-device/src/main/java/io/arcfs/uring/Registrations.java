package io.arcfs.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.PosixException;
import io.arcfs.uring.abi.Kernel;
import io.arcfs.uring.abi.RegisterOp;
import io.arcfs.uring.abi.RingCalls;
import io.arcfs.uring.abi.RingMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Files and buffers that a ring's requests name by index, so that the kernel need not look them up
 * or pin them each time. Confined to the ring's thread.
 */
public final class Registrations {
    private final RingCalls calls;
    private final RingMemory ring;
    private final LongSupplier inFlight;

    Registrations(RingCalls calls, RingMemory ring, LongSupplier inFlight) {
        this.calls = calls;
        this.ring = ring;
        this.inFlight = inFlight;
    }

    /** Whether the kernel knows an operation of {@link io.arcfs.uring.abi.Opcode}. */
    public boolean supports(byte opcode) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment probe =
                    arena.allocate(
                            RegisterOp.PROBE_HEADER_BYTES
                                    + (long) RegisterOp.PROBE_OPS * RegisterOp.PROBE_OP_BYTES,
                            Long.BYTES);
            register("probe", RegisterOp.PROBE, probe.address(), RegisterOp.PROBE_OPS);
            int last = Byte.toUnsignedInt(probe.get(JAVA_BYTE, 0));
            long entry =
                    RegisterOp.PROBE_HEADER_BYTES
                            + (long) Byte.toUnsignedInt(opcode) * RegisterOp.PROBE_OP_BYTES;
            return Byte.toUnsignedInt(opcode) <= last
                    && (probe.get(JAVA_BYTE, entry + 2) & RegisterOp.PROBE_SUPPORTED) != 0;
        }
    }

    /** Slots 0 to n-1 are these buffers, each pinned in memory. */
    public void buffers(List<MemorySegment> buffers) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment iovecs = iovecs(arena, buffers);
            register(
                    buffers.size() + " buffers",
                    RegisterOp.BUFFERS,
                    iovecs.address(),
                    buffers.size());
        }
    }

    /** Slots without buffers yet. */
    public void sparseBuffers(int slots) throws PosixException {
        sparse(slots + " buffer slots", RegisterOp.BUFFERS2, slots);
    }

    /** Puts buffers into slots; what was there goes when its requests have completed. */
    public void updateBuffers(int firstSlot, List<MemorySegment> buffers) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            update(
                    arena,
                    buffers.size() + " buffers at " + firstSlot,
                    RegisterOp.BUFFERS_UPDATE,
                    firstSlot,
                    iovecs(arena, buffers),
                    buffers.size());
        }
    }

    /**
     * Forgets all buffers.
     *
     * @throws IllegalStateException while requests are in flight: some kernels would block here
     *     until they complete, which with completions of this very thread may be never (R2)
     */
    public void unregisterBuffers() throws PosixException {
        requireIdle("buffers");
        register("unregister buffers", RegisterOp.UNREGISTER_BUFFERS, 0, 0);
    }

    /** Slots 0 to n-1 are these files; -1 leaves a slot empty. */
    public void files(int... descriptors) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment array = arena.allocateFrom(JAVA_INT, descriptors);
            register(
                    descriptors.length + " files",
                    RegisterOp.FILES,
                    array.address(),
                    descriptors.length);
        }
    }

    public void sparseFiles(int slots) throws PosixException {
        sparse(slots + " file slots", RegisterOp.FILES2, slots);
    }

    /** Puts files into slots, -1 empties one. */
    public void updateFiles(int firstSlot, int... descriptors) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            update(
                    arena,
                    descriptors.length + " files at " + firstSlot,
                    RegisterOp.FILES_UPDATE2,
                    firstSlot,
                    arena.allocateFrom(JAVA_INT, descriptors),
                    descriptors.length);
        }
    }

    /**
     * @throws IllegalStateException while requests are in flight
     */
    public void unregisterFiles() throws PosixException {
        requireIdle("files");
        register("unregister files", RegisterOp.UNREGISTER_FILES, 0, 0);
    }

    /** Every completion raises this eventfd. */
    public void eventfd(int descriptor) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocateFrom(JAVA_INT, descriptor);
            register("eventfd", RegisterOp.EVENTFD, number.address(), 1);
        }
    }

    public void unregisterEventfd() throws PosixException {
        register("unregister eventfd", RegisterOp.UNREGISTER_EVENTFD, 0, 0);
    }

    /** Bounds the kernel's worker threads of this ring; 0 leaves a figure as it is. */
    public void maxWorkers(int bounded, int unbounded) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocateFrom(JAVA_INT, bounded, unbounded);
            register("max workers", RegisterOp.IOWQ_MAX_WORKERS, numbers.address(), 2);
        }
    }

    private void requireIdle(String what) {
        long busy = inFlight.getAsLong();
        if (busy > 0) {
            throw new IllegalStateException(
                    "unregister "
                            + what
                            + ": "
                            + busy
                            + " requests are in flight; reap them first");
        }
    }

    private void sparse(String what, int operation, int slots) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment register = arena.allocate(RegisterOp.RSRC_REGISTER);
            register.set(JAVA_INT, 0, slots);
            register.set(JAVA_INT, 4, RegisterOp.RSRC_SPARSE);
            register(what, operation, register.address(), (int) register.byteSize());
        }
    }

    private void update(
            Arena arena, String what, int operation, int first, MemorySegment data, int count)
            throws PosixException {
        MemorySegment update = arena.allocate(RegisterOp.RSRC_UPDATE2);
        update.set(JAVA_INT, 0, first);
        update.set(JAVA_LONG, 8, data.address());
        update.set(JAVA_INT, 24, count);
        register(what, operation, update.address(), (int) update.byteSize());
    }

    private static MemorySegment iovecs(Arena arena, List<MemorySegment> buffers) {
        MemorySegment iovecs = arena.allocate(RegisterOp.IOVEC, buffers.size());
        for (int i = 0; i < buffers.size(); i++) {
            iovecs.setAtIndex(JAVA_LONG, 2L * i, buffers.get(i).address());
            iovecs.setAtIndex(JAVA_LONG, 2L * i + 1, buffers.get(i).byteSize());
        }
        return iovecs;
    }

    private void register(String what, int operation, long argument, int count)
            throws PosixException {
        int result = calls.register(ring, operation, argument, count);
        if (result < 0) {
            throw Kernel.failure("io_uring_register", result, what);
        }
    }
}

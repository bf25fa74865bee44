package io.arcfs.uring.abi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.PosixException;
import io.arcfs.uring.abi.RingMemory.Handle.LibUringRing;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The functions that liburing.so.2 exports (2.3 or later); it returns negative error numbers
 * itself. Immutable.
 */
@SuppressWarnings("restricted") // links the library and reads the pointers it fills in
public final class LibUring implements RingCalls {
    private static final String LIBRARY = "liburing.so.2";
    private static final Optional<LibUring> INSTANCE = load();

    private final MethodHandle queueInitParams;
    private final MethodHandle queueExit;
    private final MethodHandle submit;
    private final MethodHandle enter;
    private final MethodHandle register;

    private LibUring(SymbolLookup library) {
        queueInitParams = link(library, "io_uring_queue_init_params", JAVA_INT, ADDRESS, ADDRESS);
        queueExit =
                Linker.nativeLinker()
                        .downcallHandle(
                                library.findOrThrow("io_uring_queue_exit"),
                                FunctionDescriptor.ofVoid(ADDRESS));
        submit = link(library, "io_uring_submit", ADDRESS);
        enter =
                link(
                        library,
                        "io_uring_enter2",
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_LONG,
                        JAVA_LONG);
        register = link(library, "io_uring_register", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    }

    private static MethodHandle link(SymbolLookup library, String name, MemoryLayout... arguments) {
        return Linker.nativeLinker()
                .downcallHandle(
                        library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    /** The library, if this machine has one with all that is needed. */
    public static Optional<LibUring> find() {
        return INSTANCE;
    }

    private static Optional<LibUring> load() {
        try {
            // Never unloaded: rings may outlive any one user of it.
            return Optional.of(new LibUring(SymbolLookup.libraryLookup(LIBRARY, Arena.global())));
        } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
            return Optional.empty(); // not there, or older than 2.3: the system calls serve
        }
    }

    @Override
    public String name() {
        return LIBRARY;
    }

    @Override
    public RingMemory setup(int entries, MemorySegment params, Arena life) throws PosixException {
        // Newer libraries may have a longer struct; twice the size of 2.3's holds it. Not the
        // ring's arena: queue_exit reads it when that is closed already.
        MemorySegment ring =
                Arena.ofAuto().allocate(2 * LibUringLayout.LAYOUT.byteSize(), Long.BYTES);
        int result;
        try {
            result = (int) queueInitParams.invokeExact(entries, ring, params);
        } catch (Throwable t) {
            throw new LinkageError("io_uring_queue_init_params", t);
        }
        if (result < 0) {
            throw Kernel.failure("io_uring_setup", result, entries + " entries");
        }
        int sqEntries = params.get(JAVA_INT, ParamsLayout.SQ_ENTRIES);
        int cqEntries = params.get(JAVA_INT, ParamsLayout.CQ_ENTRIES);
        boolean wide = (params.get(JAVA_INT, ParamsLayout.FLAGS) & 1 << 10) != 0;
        return new RingMemory(
                ring.get(JAVA_INT, LibUringLayout.RING_FD),
                params.get(JAVA_INT, ParamsLayout.FEATURES),
                sqEntries,
                cqEntries,
                pointed(ring, LibUringLayout.SQ_HEAD, 4, life),
                pointed(ring, LibUringLayout.SQ_TAIL, 4, life),
                pointed(ring, LibUringLayout.SQ_FLAGS, 4, life),
                pointed(ring, LibUringLayout.SQ_ARRAY, 4L * sqEntries, life),
                pointed(
                        ring,
                        LibUringLayout.SQES,
                        (wide ? 2 : 1) * SqeLayout.SIZE_BYTES * sqEntries,
                        life),
                pointed(ring, LibUringLayout.CQ_HEAD, 4, life),
                pointed(ring, LibUringLayout.CQ_TAIL, 4, life),
                pointed(ring, LibUringLayout.CQ_OVERFLOW, 4, life),
                pointed(ring, LibUringLayout.CQES, CqeLayout.SIZE_BYTES * cqEntries, life),
                new LibUringRing(ring));
    }

    private static MemorySegment pointed(MemorySegment ring, long field, long bytes, Arena life) {
        return Kernel.at(ring.get(JAVA_LONG, field), bytes, life);
    }

    @Override
    public int enter(
            RingMemory ring, int toSubmit, int wait, int flags, long argument, long argumentBytes) {
        try {
            if (wait == 0 && flags == 0 && ring.handle() instanceof LibUringRing(var struct)) {
                // The caller has already published the tail; the library counts from its own copy.
                struct.set(JAVA_INT, LibUringLayout.SQE_TAIL, ring.sqTail().get(JAVA_INT, 0));
                return (int) submit.invokeExact(struct);
            }
            return (int)
                    enter.invokeExact(
                            ring.descriptor(), toSubmit, wait, flags, argument, argumentBytes);
        } catch (Throwable t) {
            throw new LinkageError("io_uring_enter", t);
        }
    }

    @Override
    public int register(RingMemory ring, int operation, long argument, int count) {
        try {
            return (int) register.invokeExact(ring.descriptor(), operation, argument, count);
        } catch (Throwable t) {
            throw new LinkageError("io_uring_register", t);
        }
    }

    @Override
    public void exit(RingMemory ring) {
        if (!(ring.handle() instanceof LibUringRing(var struct))) {
            throw new IllegalArgumentException("a ring of another library");
        }
        try {
            queueExit.invokeExact(struct);
        } catch (Throwable t) {
            throw new LinkageError("io_uring_queue_exit", t);
        }
    }
}

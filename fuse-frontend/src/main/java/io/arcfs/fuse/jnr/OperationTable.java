package io.arcfs.fuse.jnr;

import io.arcfs.fuse.ErrnoMapping;
import io.arcfs.fuse.FailureLog;
import io.arcfs.overlay.FsException;
import io.arcfs.posix.Errno;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.slf4j.LoggerFactory;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * libfuse's {@code struct fuse_operations}, filled with guarded callbacks: nothing that an
 * operation throws reaches native code.
 *
 * <p>Must be reachable as long as libfuse may call. Filled by one thread; then thread-safe.
 */
final class OperationTable {
    /** An operation; what it returns is the callback's result, negative for an errno. */
    @FunctionalInterface
    interface Operation {
        int run(long a, long b, long c, long d, long e) throws FsException;
    }

    /** nullpath_ok | nopath | utime_omit_ok: bits that jnr-fuse declares as whole bytes. */
    private static final byte FLAGS = 1 | 2 | 4;

    private final Runtime runtime = Runtime.getSystemRuntime();
    private final FuseOperations layout = new FuseOperations(runtime);
    private final List<Object> kept = new ArrayList<>();
    private final FailureLog failures = new FailureLog(LoggerFactory.getLogger(JnrTransport.class));

    OperationTable() {
        Pointer memory = memory();
        memory.setMemory(0, Struct.size(layout), (byte) 0);
        // behind bmap's pointer, FuseOperations agrees with the C header on what follows
        memory.putByte(layout.bmap.offset() + Long.BYTES, FLAGS);
    }

    FuseOperations slots() {
        return layout;
    }

    Pointer memory() {
        return Struct.getMemory(layout);
    }

    long sizeBytes() {
        return Struct.size(layout);
    }

    /** Puts an operation of {@code arguments} arguments into the slot at {@code offset}. */
    void bind(String name, long offset, int arguments, Operation operation) {
        switch (arguments) {
            case 1 ->
                    put(
                            offset,
                            Callbacks.Of1.class,
                            (Callbacks.Of1) a -> guarded(name, operation, a, 0, 0, 0, 0));
            case 2 ->
                    put(
                            offset,
                            Callbacks.Of2.class,
                            (Callbacks.Of2) (a, b) -> guarded(name, operation, a, b, 0, 0, 0));
            case 3 ->
                    put(
                            offset,
                            Callbacks.Of3.class,
                            (Callbacks.Of3) (a, b, c) -> guarded(name, operation, a, b, c, 0, 0));
            case 4 ->
                    put(
                            offset,
                            Callbacks.Of4.class,
                            (Callbacks.Of4)
                                    (a, b, c, d) -> guarded(name, operation, a, b, c, d, 0));
            case 5 ->
                    put(
                            offset,
                            Callbacks.Of5.class,
                            (Callbacks.Of5)
                                    (a, b, c, d, e) -> guarded(name, operation, a, b, c, d, e));
            default -> throw new IllegalArgumentException("no callback has " + arguments);
        }
    }

    private <C> void put(long offset, Class<C> type, C callback) {
        Pointer function = runtime.getClosureManager().getClosurePointer(type, callback);
        kept.add(callback);
        kept.add(function);
        memory().putPointer(offset, function);
    }

    /** The one way from native code into ours. */
    private long guarded(String name, Operation operation, long a, long b, long c, long d, long e) {
        try {
            return operation.run(a, b, c, d, e);
        } catch (FsException refused) {
            if (refused.reason() == FsException.Reason.IO) {
                failures.report(name, refused);
            }
            return -ErrnoMapping.errnoOf(refused.reason()).code();
        } catch (Throwable failure) {
            failures.report(name, failure);
            return -Errno.EIO.code();
        }
    }
}

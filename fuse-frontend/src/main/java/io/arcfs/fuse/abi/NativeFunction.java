package io.arcfs.fuse.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

/**
 * Links functions of the C library that are not variadic, all of them as one of two combinations of
 * argument types: the JVM spends about ten milliseconds on each combination that it has not seen,
 * and {@code io.arcfs.posix} has used the shorter one before.
 *
 * <p>Numbers and addresses travel in whole registers, of which a function reads the part it
 * declares; registers behind its last argument are not looked at (System V ABI for x86-64 3.2.3,
 * AAPCS64 6.4). Of an {@code int} result only the low half of the register counts, so the caller
 * narrows it. Every handle takes first the segment that captures errno. Stateless.
 */
@SuppressWarnings("restricted") // links native symbols
final class NativeFunction {
    static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout()
                    .byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final Linker LINKER = Linker.nativeLinker();
    private static final FunctionDescriptor FOUR = numbers(4);
    private static final FunctionDescriptor SIX = numbers(6);

    private NativeFunction() {}

    /** A function of at most four arguments, called with four. */
    static MethodHandle link(String name) {
        return link(name, FOUR);
    }

    /** A function of five or six arguments, called with six. */
    static MethodHandle linkLong(String name) {
        return link(name, SIX);
    }

    private static MethodHandle link(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, CAPTURE);
    }

    private static FunctionDescriptor numbers(int arguments) {
        return FunctionDescriptor.of(
                JAVA_LONG, Collections.nCopies(arguments, JAVA_LONG).toArray(MemoryLayout[]::new));
    }
}

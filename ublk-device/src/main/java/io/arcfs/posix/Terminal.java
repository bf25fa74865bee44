package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** What the terminal behind a descriptor is like. Stateless. */
public final class Terminal {
    public static final int STDOUT = 1;
    public static final int STDERR = 2;

    /** {@code TIOCGWINSZ} of asm-generic/ioctls.h: the same on x86-64 and aarch64. */
    private static final long TIOCGWINSZ = 0x5413;

    /** {@code struct winsize}: four unsigned shorts, rows and columns first. */
    private static final int WINSIZE_BYTES = 8;

    private Terminal() {}

    /** Rows and columns; 0 where the terminal does not say. */
    public record Size(int rows, int columns) {}

    @SuppressWarnings("restricted") // links a function of the C library
    private static final class Calls {
        static final MethodHandle IOCTL =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("ioctl"),
                                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                                Linker.Option.firstVariadicArg(2));
    }

    /** The size of the terminal; empty if the descriptor is none. */
    public static Optional<Size> size(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment winsize = arena.allocate(WINSIZE_BYTES, Long.BYTES);
            int result = (int) Calls.IOCTL.invokeExact(descriptor, TIOCGWINSZ, winsize);
            if (result != 0) {
                return Optional.empty();
            }
            return Optional.of(
                    new Size(
                            Short.toUnsignedInt(winsize.get(JAVA_SHORT, 0)),
                            Short.toUnsignedInt(winsize.get(JAVA_SHORT, Short.BYTES))));
        } catch (Throwable e) {
            throw new LinkageError("ioctl cannot be called", e);
        }
    }
}

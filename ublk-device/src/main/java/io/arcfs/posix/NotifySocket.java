package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Tells a service manager how a service does, as sd_notify(3) has it: one datagram to the Unix
 * socket that NOTIFY_SOCKET names. The JDK has no Unix datagrams. Immutable.
 *
 * @param path of the socket; an at sign in front stands for the abstract namespace
 */
public record NotifySocket(String path) {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** Room of {@code sun_path}. */
    private static final int PATH_BYTES = 108;

    @SuppressWarnings("restricted") // links functions of the C library
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();
        static final MethodHandle SOCKET =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("socket"),
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                        Libc.CAPTURE);
        static final MethodHandle SENDTO =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("sendto"),
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS,
                                JAVA_INT),
                        Libc.CAPTURE);
    }

    /**
     * @param state lines such as READY=1
     */
    public void send(String state) throws IOException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length >= PATH_BYTES) {
            throw new IOException("NOTIFY_SOCKET is no path of 1 to 107 bytes");
        }
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(Short.BYTES + PATH_BYTES, Long.BYTES);
            address.set(JAVA_SHORT, 0, AF_UNIX);
            MemorySegment.copy(name, 0, address, JAVA_BYTE, Short.BYTES, name.length);
            if (name[0] == '@') {
                address.set(JAVA_BYTE, Short.BYTES, (byte) 0);
            }
            MemorySegment message = arena.allocateFrom(state);
            int socket =
                    (int)
                            Calls.SOCKET.invokeExact(
                                    scratch.capture, (int) AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            if (socket < 0) {
                throw new PosixException("socket", scratch.lastErrno(), path);
            }
            try {
                long sent =
                        (long)
                                Calls.SENDTO.invokeExact(
                                        scratch.capture,
                                        socket,
                                        message,
                                        message.byteSize() - 1, // without the NUL
                                        MSG_NOSIGNAL,
                                        address,
                                        Short.BYTES + name.length);
                if (sent < 0) {
                    throw new PosixException("sendto", scratch.lastErrno(), path);
                }
            } finally {
                int _ = (int) Libc.CLOSE.invokeExact(scratch.capture, socket);
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }
}

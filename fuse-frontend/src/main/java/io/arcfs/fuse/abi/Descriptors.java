package io.arcfs.fuse.abi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What mounting needs beside reading and writing: descriptors that are opened, passed between
 * processes and closed. Rare calls, so each takes its own scratch memory. Thread-safe.
 */
@SuppressWarnings("restricted") // links functions of the C library
public final class Descriptors {
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOCKADDR_UN_BYTES = 110;
    private static final short POLLIN = 1;
    private static final int READ_BYTES = 64 * 1024;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    // struct msghdr and struct cmsghdr of a 64-bit Linux
    private static final int MSGHDR_BYTES = 56;
    private static final int MSGHDR_IOV = 16;
    private static final int MSGHDR_IOVLEN = 24;
    private static final int MSGHDR_CONTROL = 32;
    private static final int MSGHDR_CONTROLLEN = 40;
    private static final int CMSG_DATA = 16;
    private static final int CMSG_BYTES = CMSG_DATA + Long.BYTES;

    /** {@code open} alone: the mode is a variadic argument. */
    private static final class Opening {
        static final MethodHandle OPEN =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("open"),
                                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                                NativeFunction.CAPTURE,
                                Linker.Option.firstVariadicArg(2));
    }

    private static final MethodHandle CLOSE = NativeFunction.link("close");
    private static final MethodHandle MOUNT = NativeFunction.linkLong("mount");
    private static final MethodHandle SOCKETPAIR = NativeFunction.link("socketpair");
    private static final MethodHandle SOCKET = NativeFunction.link("socket");
    private static final MethodHandle BIND = NativeFunction.link("bind");
    private static final MethodHandle CONNECT = NativeFunction.link("connect");
    private static final MethodHandle LISTEN = NativeFunction.link("listen");
    private static final MethodHandle ACCEPT = NativeFunction.link("accept");
    private static final MethodHandle POLL = NativeFunction.link("poll");
    private static final MethodHandle SENDMSG = NativeFunction.link("sendmsg");
    private static final MethodHandle RECVMSG = NativeFunction.link("recvmsg");
    private static final MethodHandle POSIX_SPAWN = NativeFunction.linkLong("posix_spawn");
    private static final MethodHandle WAITPID = NativeFunction.link("waitpid");

    private Descriptors() {}

    @FunctionalInterface
    private interface Call {
        long on(Arena arena, MemorySegment capture) throws Throwable;
    }

    private static long call(String operation, String subject, Call call) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Linker.Option.captureStateLayout());
            long result = call.on(arena, capture);
            if (result < 0) {
                throw new PosixException(
                        operation,
                        Errno.of(capture.get(JAVA_INT, NativeFunction.ERRNO_OFFSET)),
                        subject);
            }
            return result;
        } catch (PosixException e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError(operation + " cannot be called", e);
        }
    }

    /** Opens a device for reading and writing; closed when a program is executed. */
    public static int openDevice(Path path) throws PosixException {
        return (int)
                call(
                        "open",
                        path.toString(),
                        (arena, capture) ->
                                (int)
                                        Opening.OPEN.invokeExact(
                                                capture,
                                                cString(arena, path.toString()),
                                                O_RDWR | O_CLOEXEC,
                                                0));
    }

    /** Gives a descriptor back, whatever close(2) says of it. */
    public static void close(int descriptor) {
        try {
            call(
                    "close",
                    "descriptor " + descriptor,
                    (_, capture) ->
                            (int) (long) CLOSE.invokeExact(capture, (long) descriptor, 0L, 0L, 0L));
        } catch (PosixException e) {
            // EBADF would be a bug of ours that the next call shows; the others close all the same.
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** mount(2). */
    public static void mount(String source, Path target, String type, long flags, String data)
            throws PosixException {
        call(
                "mount",
                target.toString(),
                (arena, capture) ->
                        (int)
                                (long)
                                        MOUNT.invokeExact(
                                                capture,
                                                cString(arena, source).address(),
                                                cString(arena, target.toString()).address(),
                                                cString(arena, type).address(),
                                                flags,
                                                cString(arena, data).address(),
                                                0L));
    }

    /** Two ends of a stream; both stay open in programs that this process starts. */
    public static int[] socketPair() throws PosixException {
        int[] ends = new int[2];
        call(
                "socketpair",
                "",
                (arena, capture) -> {
                    MemorySegment pair = arena.allocate(JAVA_INT, 2);
                    int result =
                            (int)
                                    (long)
                                            SOCKETPAIR.invokeExact(
                                                    capture,
                                                    (long) AF_UNIX,
                                                    (long) SOCK_STREAM,
                                                    0L,
                                                    pair.address());
                    ends[0] = pair.getAtIndex(JAVA_INT, 0);
                    ends[1] = pair.getAtIndex(JAVA_INT, 1);
                    return result;
                });
        return ends;
    }

    /** A Unix socket that listens at a path of at most 107 bytes. */
    public static int listen(String path) throws PosixException {
        int socket = unixSocket(SOCK_STREAM);
        try {
            withAddress("bind", BIND, socket, path);
            call(
                    "listen",
                    path,
                    (_, capture) ->
                            (int) (long) LISTEN.invokeExact(capture, (long) socket, 1L, 0L, 0L));
            return socket;
        } catch (PosixException e) {
            close(socket);
            throw e;
        }
    }

    /** Connects to a Unix socket at a path of at most 107 bytes. */
    public static int connect(String path) throws PosixException {
        int socket = unixSocket(SOCK_STREAM);
        try {
            withAddress("connect", CONNECT, socket, path);
            return socket;
        } catch (PosixException e) {
            close(socket);
            throw e;
        }
    }

    /** Waits for one connection, at most so long; -1 if none came. */
    public static int accept(int listener, Duration limit) throws PosixException {
        long ready =
                call(
                        "poll",
                        "",
                        (arena, capture) -> {
                            MemorySegment poll = arena.allocate(Long.BYTES, Integer.BYTES);
                            poll.set(JAVA_INT, 0, listener);
                            poll.set(JAVA_SHORT, Integer.BYTES, POLLIN);
                            return (int)
                                    (long)
                                            POLL.invokeExact(
                                                    capture,
                                                    poll.address(),
                                                    1L,
                                                    limit.toMillis(),
                                                    0L);
                        });
        if (ready == 0) {
            return -1;
        }
        return (int)
                call(
                        "accept",
                        "",
                        (_, capture) ->
                                (int)
                                        (long)
                                                ACCEPT.invokeExact(
                                                        capture, (long) listener, 0L, 0L, 0L));
    }

    private static int unixSocket(int type) throws PosixException {
        return (int)
                call(
                        "socket",
                        "",
                        (_, capture) ->
                                (int)
                                        (long)
                                                SOCKET.invokeExact(
                                                        capture,
                                                        (long) AF_UNIX,
                                                        (long) (type | SOCK_CLOEXEC),
                                                        0L,
                                                        0L));
    }

    private static void withAddress(
            String operation, MethodHandle function, int socket, String path)
            throws PosixException {
        call(
                operation,
                path,
                (arena, capture) -> {
                    MemorySegment address = arena.allocate(SOCKADDR_UN_BYTES, Short.BYTES);
                    address.set(JAVA_SHORT, 0, (short) AF_UNIX);
                    address.setString(Short.BYTES, path, StandardCharsets.UTF_8);
                    return (int)
                            (long)
                                    function.invokeExact(
                                            capture,
                                            (long) socket,
                                            address.address(),
                                            (long) SOCKADDR_UN_BYTES,
                                            0L);
                });
    }

    /** Writes all of it. */
    public static void write(int descriptor, byte[] bytes) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(JAVA_BYTE, bytes);
            FuseCalls calls = new FuseCalls();
            long done = 0;
            while (done < bytes.length) {
                long result = calls.write(descriptor, memory.address() + done, bytes.length - done);
                done += checked("write", result);
            }
        }
    }

    /** Reads to the end of the stream. */
    public static byte[] readAll(int descriptor) throws PosixException {
        var all = new ByteArrayOutputStream();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(READ_BYTES);
            FuseCalls calls = new FuseCalls();
            while (true) {
                long got = checked("read", calls.read(descriptor, memory.address(), READ_BYTES));
                if (got == 0) {
                    return all.toByteArray();
                }
                all.writeBytes(memory.asSlice(0, got).toArray(JAVA_BYTE));
            }
        }
    }

    private static long checked(String operation, long result) throws PosixException {
        if (result < 0) {
            throw new PosixException(operation, Errno.of((int) -result), "socket");
        }
        return result;
    }

    /** Passes a descriptor through a Unix socket, with one byte. */
    public static void send(int socket, int descriptor) throws PosixException {
        call(
                "sendmsg",
                "descriptor " + descriptor,
                (arena, capture) -> {
                    MemorySegment message = message(arena, descriptor);
                    return (long)
                            SENDMSG.invokeExact(capture, (long) socket, message.address(), 0L, 0L);
                });
    }

    /**
     * Sends a text to who listens for datagrams at a path of at most 107 bytes, with a descriptor
     * or -1 for none.
     */
    public static void tell(String path, String text, int descriptor) throws PosixException {
        int socket = unixSocket(SOCK_DGRAM);
        try {
            withAddress("connect", CONNECT, socket, path);
            call(
                    "sendmsg",
                    path,
                    (arena, capture) -> {
                        MemorySegment body =
                                arena.allocateFrom(
                                        JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
                        MemorySegment message = message(arena, body, descriptor);
                        if (descriptor < 0) {
                            message.set(JAVA_LONG, MSGHDR_CONTROL, 0);
                            message.set(JAVA_LONG, MSGHDR_CONTROLLEN, 0);
                        }
                        return (long)
                                SENDMSG.invokeExact(
                                        capture, (long) socket, message.address(), 0L, 0L);
                    });
        } finally {
            close(socket);
        }
    }

    /**
     * Takes a descriptor from a Unix socket; -1 if the other side closed it without sending one.
     */
    public static int receive(int socket) throws PosixException {
        int[] received = {-1};
        call(
                "recvmsg",
                "",
                (arena, capture) -> {
                    MemorySegment message = message(arena, -1);
                    long result =
                            (long)
                                    RECVMSG.invokeExact(
                                            capture,
                                            (long) socket,
                                            message.address(),
                                            (long) MSG_CMSG_CLOEXEC,
                                            0L);
                    if (result > 0 && message.get(JAVA_LONG, MSGHDR_CONTROLLEN) > CMSG_DATA) {
                        received[0] =
                                NativeBuffers.getInt(
                                        message.get(JAVA_LONG, MSGHDR_CONTROL) + CMSG_DATA);
                    }
                    return result;
                });
        return received[0];
    }

    /** A message of one byte and one descriptor. */
    private static MemorySegment message(Arena arena, int descriptor) {
        return message(arena, arena.allocate(JAVA_BYTE), descriptor);
    }

    private static MemorySegment message(Arena arena, MemorySegment body, int descriptor) {
        MemorySegment vector = arena.allocate(2L * Long.BYTES, Long.BYTES);
        vector.set(JAVA_LONG, 0, body.address());
        vector.set(JAVA_LONG, Long.BYTES, body.byteSize());
        MemorySegment control = arena.allocate(CMSG_BYTES, Long.BYTES);
        control.set(JAVA_LONG, 0, CMSG_DATA + Integer.BYTES);
        control.set(JAVA_INT, 8, SOL_SOCKET);
        control.set(JAVA_INT, 12, SCM_RIGHTS);
        control.set(JAVA_INT, CMSG_DATA, descriptor);
        MemorySegment message = arena.allocate(MSGHDR_BYTES, Long.BYTES);
        message.set(JAVA_LONG, MSGHDR_IOV, vector.address());
        message.set(JAVA_LONG, MSGHDR_IOVLEN, 1);
        message.set(JAVA_LONG, MSGHDR_CONTROL, control.address());
        message.set(JAVA_LONG, MSGHDR_CONTROLLEN, CMSG_BYTES);
        return message;
    }

    /**
     * Starts a program that keeps every descriptor of this process that is not closed on exec;
     * ProcessBuilder closes them all.
     *
     * @return its process id
     */
    public static int spawn(List<String> command, List<String> environment) throws IOException {
        int[] pid = new int[1];
        long error =
                call(
                        "posix_spawn",
                        command.getFirst(),
                        (arena, capture) -> {
                            MemorySegment id = arena.allocate(JAVA_INT);
                            int result =
                                    (int)
                                            (long)
                                                    POSIX_SPAWN.invokeExact(
                                                            capture,
                                                            id.address(),
                                                            cString(arena, command.getFirst())
                                                                    .address(),
                                                            0L,
                                                            0L,
                                                            strings(arena, command).address(),
                                                            strings(arena, environment).address());
                            pid[0] = id.get(JAVA_INT, 0);
                            return result;
                        });
        if (error != 0) {
            // It returns its error number instead of setting errno.
            throw new PosixException("posix_spawn", Errno.of((int) error), command.getFirst());
        }
        return pid[0];
    }

    /** Waits for a program started by {@link #spawn}; its status as waitpid(2) gives it. */
    public static int await(int pid) throws PosixException {
        int[] status = new int[1];
        call(
                "waitpid",
                "process " + pid,
                (arena, capture) -> {
                    MemorySegment out = arena.allocate(JAVA_INT);
                    int result;
                    do {
                        result =
                                (int)
                                        (long)
                                                WAITPID.invokeExact(
                                                        capture, (long) pid, out.address(), 0L, 0L);
                    } while (result < 0
                            && Errno.of(capture.get(JAVA_INT, NativeFunction.ERRNO_OFFSET))
                                    == Errno.EINTR);
                    status[0] = out.get(JAVA_INT, 0);
                    return result;
                });
        return status[0];
    }

    private static MemorySegment strings(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(ADDRESS, i, cString(arena, texts.get(i)));
        }
        return array;
    }

    private static MemorySegment cString(Arena arena, String text) {
        return arena.allocateFrom(text, StandardCharsets.UTF_8);
    }
}

package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.arcfs.fuse.MountException;
import io.arcfs.fuse.abi.Descriptors;
import io.arcfs.fuse.abi.FuseCalls;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The first minutes of a connection to the kernel: FUSE_INIT, and a descriptor for every post. */
final class Connection {
    static final Path DEVICE = Path.of("/dev/fuse");

    /** FUSE_DEV_IOC_CLONE takes the number of the descriptor whose connection is to be joined. */
    private static final long CLONE = 0x8004e500L;

    private Connection() {}

    /**
     * Answers FUSE_INIT.
     *
     * @param wanted flags of {@link InitFlag}
     */
    static Negotiation negotiate(int device, long wanted) throws MountException {
        try (Arena arena = Arena.ofConfined()) {
            Buffers buffers = new Buffers(arena);
            Request request = new Request(buffers);
            Reply reply = new Reply(buffers, new NodeIds(), new UnansweredWrites());
            FuseCalls calls = new FuseCalls();
            while (true) {
                readInit(calls, device, buffers, request);
                reply.begin();
                if (Negotiation.isOtherMajor(request)) {
                    reply.initOtherMajor();
                    send(calls, device, request, reply);
                    continue; // it asks again, with our version
                }
                Negotiation agreed = Negotiation.of(request, wanted);
                reply.init(agreed);
                send(calls, device, request, reply);
                return agreed;
            }
        }
    }

    private static void readInit(FuseCalls calls, int device, Buffers buffers, Request request)
            throws MountException {
        long got;
        do {
            got =
                    calls.read(
                            device, buffers.address + Buffers.REQUEST_START, Buffers.REQUEST_BYTES);
        } while (got == -Errno.EINTR.code());
        if (got < 0) {
            throw new MountException(
                    "the kernel ended the mount before it began: "
                            + Errno.of((int) -got).description());
        }
        request.arrived((int) got);
        if (request.opcode() != Opcode.INIT) {
            throw new MountException("the kernel's first request is no FUSE_INIT");
        }
    }

    private static void send(FuseCalls calls, int device, Request request, Reply reply)
            throws MountException {
        reply.end(request.unique());
        long result = calls.write(device, reply.address(), reply.lengthBytes());
        if (result < 0) {
            throw new MountException(
                    "the kernel refused the answer to FUSE_INIT: "
                            + Errno.of((int) -result).description());
        }
    }

    /**
     * Descriptors of the same connection, {@code device} the first: each has its own queue of
     * requests under way, so readers do not meet at one lock.
     */
    static List<Integer> posts(int device, int count) throws PosixException {
        List<Integer> posts = new ArrayList<>();
        posts.add(device);
        try {
            while (posts.size() < count) {
                int post = Descriptors.openDevice(DEVICE);
                posts.add(post);
                join(post, device);
            }
            return posts;
        } catch (PosixException e) {
            posts.subList(1, posts.size()).forEach(Descriptors::close);
            throw e;
        }
    }

    private static void join(int post, int device) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(JAVA_INT);
            argument.set(JAVA_INT, 0, device);
            int result = new FuseCalls().ioctl(post, CLONE, argument);
            if (result < 0) {
                throw new PosixException(
                        "FUSE_DEV_IOC_CLONE", Errno.of(-result), DEVICE.toString());
            }
        }
    }
}

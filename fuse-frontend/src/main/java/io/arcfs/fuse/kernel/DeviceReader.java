package io.arcfs.fuse.kernel;

import io.arcfs.posix.Errno;

/**
 * Reads requests from /dev/fuse at a post, and answers them there.
 *
 * <p>Before a request waits for something slow, another reader takes over the post; this one
 * answers its request and then looks for a post again. So every request is served where it was
 * read, without a hand-over in the usual case, and slow ones hold up nobody.
 */
final class DeviceReader extends Reader {
    private final long requestAddress;

    /** Where it reads; its replies go there, even after it left the post. */
    private volatile int descriptor;

    private volatile boolean onPost;

    /** The request at hand has waited for a disk. Confined to this thread. */
    private boolean waitsForDisk;

    DeviceReader(String name, ReaderPool pool, Session session, int device, Negotiation agreed) {
        super(name, pool, session, device, agreed);
        this.requestAddress = buffers.address + Buffers.REQUEST_START;
    }

    @Override
    public void run() {
        try {
            for (int post = pool.takePost(); post >= 0; post = pool.takePost()) {
                descriptor = post;
                onPost = true;
                while (onPost && !pool.isStopping()) {
                    serveOne();
                    if (onPost && pool.leavesSpare(post)) {
                        onPost = false;
                    }
                }
                if (onPost) {
                    onPost = false;
                    pool.left();
                }
            }
        } finally {
            pool.ended(this, arena);
        }
    }

    private void serveOne() {
        try {
            long got = calls.read(descriptor, requestAddress, Buffers.REQUEST_BYTES);
            if (got < 0) {
                failedToRead(Errno.of((int) -got));
                return;
            }
            request.arrived((int) got);
            if (answer() && !isForSuccessor()) {
                send();
            }
        } catch (Throwable e) {
            session.failures.report("request", e);
        } finally {
            finished();
        }
    }

    /**
     * A wait was cut short because the mount is handed over: nothing was done, nothing is answered,
     * and the successor gets the request again.
     */
    private boolean isForSuccessor() {
        return hasWaited() && pool.isStopping() && reply.isError(Errno.EINTR.code());
    }

    private void failedToRead(Errno errno) {
        switch (errno) {
            // ENOENT: the request was interrupted before it was read
            case EINTR, EAGAIN, ENOENT -> {}
            default -> {
                onPost = false;
                pool.over(errno);
            }
        }
    }

    private void send() {
        long result = calls.write(descriptor, reply.address(), reply.lengthBytes());
        if (result < 0) {
            // Interrupted and given up by the kernel, or the mount is gone: nobody has the result.
            dispatcher.takeBack(request, reply);
        }
    }

    private void finished() {
        if (waitsForDisk) {
            waitsForDisk = false;
            if (onPost) {
                pool.diskWaitEnds();
            }
        }
        answered();
    }

    @Override
    void letOthersServe() {
        if (onPost && pool.handOver(descriptor)) {
            onPost = false;
            if (!waitsForDisk) {
                pool.left();
            }
        }
    }

    @Override
    public void aboutToWaitForDisk() {
        if (onPost && !waitsForDisk) {
            waitsForDisk = true;
            pool.diskWaitBegins();
        }
    }

    @Override
    boolean isAt(int post) {
        return onPost && descriptor == post;
    }
}

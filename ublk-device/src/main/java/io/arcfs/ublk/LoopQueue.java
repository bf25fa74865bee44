package io.arcfs.ublk;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.Sqe;

/**
 * Serves a queue from a file, through the queue's own ring. Confined to the queue's thread.
 *
 * <p>With USER_COPY a read is the file, then the character device; a write the other way round.
 */
final class LoopQueue implements QueueTarget {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 16;

    /** Steps of a read or write. */
    private static final int AT_FILE = 0;

    private static final int AT_CHARACTER_DEVICE = 1;

    /** Steps of a write-zeroes on a file system that cannot zero a range. */
    private static final int PUNCHED = 1;

    private static final int ALLOCATED = 2;

    private final UblkQueue queue;
    private final int fd;

    /** Until the file system says that it cannot, as tmpfs does. */
    private boolean zeroesRanges = true;

    LoopQueue(UblkQueue queue, int fd) {
        this.queue = queue;
        this.fd = fd;
    }

    @Override
    public void start(UblkRequest request) throws PosixException {
        switch (request.operation()) {
            case READ -> move(request);
            case WRITE -> {
                if (queue.path() == DataPath.USER_COPY) {
                    request.step = AT_CHARACTER_DEVICE;
                }
                move(request);
            }
            case FLUSH -> queue.backing(request).fsync(fd, Sqe.FSYNC_DATASYNC);
            case DISCARD -> allocate(request, FALLOC_FL_PUNCH_HOLE);
            case WRITE_ZEROES -> zero(request);
            case OTHER -> request.fail(Errno.EOPNOTSUPP);
        }
    }

    /** In one step, or in two where that is not known: a hole, and its space taken again. */
    private void zero(UblkRequest request) throws PosixException {
        if (request.step == ALLOCATED) {
            allocate(request, 0);
        } else if (request.keepsSpace() && zeroesRanges) {
            allocate(request, FALLOC_FL_ZERO_RANGE);
        } else {
            request.step = PUNCHED;
            allocate(request, FALLOC_FL_PUNCH_HOLE);
        }
    }

    private void allocate(UblkRequest request, int mode) throws PosixException {
        queue.backing(request)
                .fallocate(
                        fd,
                        mode | FALLOC_FL_KEEP_SIZE,
                        request.offsetBytes(),
                        request.lengthBytes());
    }

    /** The next part of a read or write, from where it has come to. */
    private void move(UblkRequest request) throws PosixException {
        int left = (int) (request.lengthBytes() - request.progress);
        Sqe sqe = queue.backing(request);
        if (request.step == AT_CHARACTER_DEVICE) {
            long at = request.userCopyPosition() + request.progress;
            long memory = request.buffer().address() + request.progress;
            int character = queue.characterDevice().descriptor();
            if (request.operation() == Operation.READ) {
                sqe.write(character, memory, left, at);
            } else {
                sqe.read(character, memory, left, at);
            }
            return;
        }
        long at = request.offsetBytes() + request.progress;
        if (queue.path() == DataPath.ZERO_COPY) {
            // The registered buffer begins at address 0.
            if (request.operation() == Operation.READ) {
                sqe.readFixed(fd, request.progress, left, at, request.tag());
            } else {
                sqe.writeFixed(fd, request.progress, left, at, request.tag());
            }
        } else if (request.operation() == Operation.READ) {
            sqe.read(fd, request.buffer().address() + request.progress, left, at);
        } else {
            sqe.write(fd, request.buffer().address() + request.progress, left, at);
        }
        if (request.operation() == Operation.WRITE && request.isDurable()) {
            sqe.callFlags(Sqe.RW_DSYNC);
        }
    }

    @Override
    public void completed(UblkRequest request, int result) throws PosixException {
        if (result == -Errno.EINTR.code() || result == -Errno.EAGAIN.code()) {
            start(request, result);
            return;
        }
        switch (request.operation()) {
            case READ, WRITE -> moved(request, result);
            case WRITE_ZEROES -> zeroed(request, result);
            case FLUSH, DISCARD, OTHER -> settled(request, result);
        }
    }

    private void zeroed(UblkRequest request, int result) throws PosixException {
        if (result == -Errno.EOPNOTSUPP.code() && request.step == 0) {
            zeroesRanges = false;
            zero(request);
        } else if (result == 0 && request.step == PUNCHED && request.keepsSpace()) {
            request.step = ALLOCATED;
            zero(request);
        } else {
            settled(request, result);
        }
    }

    private static void settled(UblkRequest request, int result) throws PosixException {
        if (result == -Errno.EOPNOTSUPP.code()) {
            request.fail(Errno.EOPNOTSUPP); // no fault: who asked does it another way
        } else if (result < 0) {
            throw new PosixException(
                    request.operation().name(), Errno.of(-result), request.toString());
        } else {
            request.succeed();
        }
    }

    /** Once more after a signal or for want of memory, from where the request has come to. */
    private void start(UblkRequest request, int result) throws PosixException {
        switch (request.operation()) {
            case READ, WRITE -> move(request);
            case FLUSH, DISCARD, WRITE_ZEROES -> start(request);
            case OTHER -> request.fail(Errno.of(-result));
        }
    }

    private void moved(UblkRequest request, int result) throws PosixException {
        if (result <= 0) {
            // 0: the file was cut under us; its missing bytes are not zeros, they are lost.
            Errno errno = result == 0 ? Errno.EIO : Errno.of(-result);
            throw new PosixException(request.operation().name(), errno, request.toString());
        }
        request.progress += result;
        if (request.progress < request.lengthBytes()) {
            move(request);
            return;
        }
        int first =
                request.operation() == Operation.READ || queue.path() != DataPath.USER_COPY
                        ? AT_FILE
                        : AT_CHARACTER_DEVICE;
        if (queue.path() == DataPath.USER_COPY && request.step == first) {
            request.step = first == AT_FILE ? AT_CHARACTER_DEVICE : AT_FILE;
            request.progress = 0;
            move(request);
        } else {
            request.succeed();
        }
    }
}

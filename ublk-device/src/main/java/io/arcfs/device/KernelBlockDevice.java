package io.arcfs.device;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.Errno;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.uring.abi.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A block device of the kernel, or a file as one, past the page cache (O_DIRECT) and through
 * io_uring: a large request is many in flight at once.
 *
 * <p>Offsets and lengths are multiples of the device's logical block; memory that is not aligned to
 * a page is copied. Thread-safe: each call has a ring of its own while it runs.
 */
public final class KernelBlockDevice implements BlockDevice {
    private static final int FILE_BLOCK_BYTES = 4096;
    private static final long BLKDISCARD = 0x1277;
    private static final long BLKSSZGET = 0x1268;
    private static final long BLKGETSIZE64 = 0x80081272L;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 16;

    private final PosixFile file;
    private final boolean blockDevice;
    private final int blockBytes;
    private final long sizeBytes;

    /** Rings that no call uses; as many as ever ran at once. */
    private final ConcurrentLinkedQueue<RingLane> idle = new ConcurrentLinkedQueue<>();

    /** Calls under way, and the CLOSED bit. */
    private final AtomicInteger users = new AtomicInteger();

    private static final int CLOSED = 1 << 31;

    private KernelBlockDevice(PosixFile file, boolean blockDevice, int blockBytes, long sizeBytes) {
        this.file = file;
        this.blockDevice = blockDevice;
        this.blockBytes = blockBytes;
        this.sizeBytes = sizeBytes;
    }

    /** Opens for reading and writing. */
    public static KernelBlockDevice open(Path path) throws IOException {
        return open(path, OpenFlag.READ, OpenFlag.WRITE);
    }

    /**
     * @param access READ or WRITE or both; DIRECT is added
     */
    public static KernelBlockDevice open(Path path, OpenFlag... access) throws IOException {
        OpenFlag[] flags = java.util.Arrays.copyOf(access, access.length + 1);
        flags[access.length] = OpenFlag.DIRECT;
        PosixFile file = PosixFile.open(path, flags);
        try {
            FileStatus status = file.status();
            boolean device = status.type() == FileStatus.S_IFBLK;
            int block = device ? (int) number(file, BLKSSZGET, 4) : FILE_BLOCK_BYTES;
            long size = device ? number(file, BLKGETSIZE64, 8) : file.size();
            if (size % block != 0) {
                throw new IOException(path + ": " + size + " bytes are not a multiple of " + block);
            }
            return new KernelBlockDevice(file, device, block, size);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static long number(PosixFile file, long request, int bytes) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Long.BYTES, Long.BYTES);
            long result = Kernel.ioctl(file.descriptor(), request, value);
            if (result < 0) {
                throw Kernel.failure("ioctl", result, file.toString());
            }
            return bytes == 4 ? value.get(JAVA_INT, 0) : value.get(JAVA_LONG, 0);
        }
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int blockSizeBytes() {
        return blockBytes;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        requireRange(offsetBytes, target.byteSize());
        inLane(lane -> lane.read(file.descriptor(), offsetBytes, target));
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        requireRange(offsetBytes, source.byteSize());
        inLane(lane -> lane.write(file.descriptor(), offsetBytes, source, 0));
    }

    @Override
    public void writeDurably(long offsetBytes, MemorySegment source) throws IOException {
        requireRange(offsetBytes, source.byteSize());
        inLane(lane ->
                lane.write(file.descriptor(), offsetBytes, source, io.arcfs.uring.Sqe.RW_DSYNC));
    }

    @Override
    public void flush() throws IOException {
        inLane(lane -> lane.syncData(file.descriptor()));
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        requireRange(offsetBytes, lengthBytes);
        if (lengthBytes == 0) {
            return;
        }
        int result =
                blockDevice
                        ? discardRange(offsetBytes, lengthBytes)
                        : punch(offsetBytes, lengthBytes);
        if (result < 0 && !isUnsupported(result)) { // a discard is a hint: "or as before"
            throw Kernel.failure("discard", result, file.toString());
        }
    }

    private int discardRange(long offsetBytes, long lengthBytes) throws IOException {
        int[] result = new int[1];
        inLane(_ -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment range = arena.allocate(16, 8);
                range.set(JAVA_LONG, 0, offsetBytes);
                range.set(JAVA_LONG, 8, lengthBytes);
                result[0] = (int) Kernel.ioctl(file.descriptor(), BLKDISCARD, range);
            }
        });
        return result[0];
    }

    private int punch(long offsetBytes, long lengthBytes) throws IOException {
        return fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offsetBytes, lengthBytes);
    }

    @Override
    public void writeZeroes(long offsetBytes, long lengthBytes, ZeroedSpace space)
            throws IOException {
        requireRange(offsetBytes, lengthBytes);
        if (lengthBytes == 0) {
            return;
        }
        int mode =
                switch (space) {
                    case RELEASED -> FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
                    case KEPT -> FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
                };
        int result = fallocate(mode, offsetBytes, lengthBytes);
        if (isUnsupported(result)) {
            BlockDevice.super.writeZeroes(offsetBytes, lengthBytes, space);
        } else if (result < 0) {
            throw Kernel.failure("fallocate", result, file.toString());
        }
    }

    private int fallocate(int mode, long offsetBytes, long lengthBytes) throws IOException {
        int[] result = new int[1];
        inLane(lane ->
                result[0] = lane.fallocate(file.descriptor(), mode, offsetBytes, lengthBytes));
        return result[0];
    }

    private static boolean isUnsupported(int result) {
        return result == -Errno.EOPNOTSUPP.code()
                || result == -Errno.ENOSYS.code()
                || result == -Errno.ENOTTY.code();
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /** Idempotent; calls under way finish, later ones fail. */
    @Override
    public void close() throws IOException {
        if (users.getAndUpdate(n -> n | CLOSED) == 0) {
            release();
        }
    }

    /** Something done with a ring of one's own. */
    @FunctionalInterface
    private interface Use {
        void with(RingLane lane) throws IOException;
    }

    private void inLane(Use use) throws IOException {
        if (users.getAndUpdate(n -> n < 0 ? n : n + 1) < 0) {
            throw new PosixException("io_uring", Errno.EBADF, file + " (closed)");
        }
        try {
            RingLane lane = idle.poll();
            if (lane == null) {
                lane = RingLane.open();
            }
            try {
                use.with(lane);
            } finally {
                idle.add(lane);
            }
        } finally {
            if (users.decrementAndGet() == CLOSED) {
                release();
            }
        }
    }

    private void release() throws IOException {
        for (RingLane lane = idle.poll(); lane != null; lane = idle.poll()) {
            lane.close();
        }
        file.close();
    }

    private void requireRange(long offsetBytes, long lengthBytes) {
        if (offsetBytes % blockBytes != 0 || lengthBytes % blockBytes != 0) {
            throw new IllegalArgumentException(
                    "not whole blocks: offset " + offsetBytes + ", length " + lengthBytes);
        }
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes > sizeBytes - lengthBytes) {
            throw new IndexOutOfBoundsException(
                    "outside of the device: offset "
                            + offsetBytes
                            + ", length "
                            + lengthBytes
                            + ", device size "
                            + sizeBytes);
        }
    }
}

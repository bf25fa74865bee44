package io.arcfs.ublk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.Errno;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.ublk.DeviceParameters.Attribute;
import io.arcfs.uring.abi.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Set;

/**
 * A file or a block device as the backing of another. Past the page cache where the file system can
 * do that, so that a flush is the disk's. Thread-safe.
 */
public final class LoopTarget implements UblkTarget {
    private static final int SECTOR_BYTES = 512;
    private static final int PAGE_BYTES = 4096;
    private static final long BLKGETSIZE64 = 0x80081272L;

    /** Bounded, so that one discard of a large device does not hold up what is behind it. */
    private static final long DISCARD_BYTES = 1L << 30;

    private final PosixFile file;
    private final long sizeBytes;
    private final int blockBytes;

    private LoopTarget(PosixFile file, long sizeBytes, int blockBytes) {
        this.file = file;
        this.sizeBytes = sizeBytes;
        this.blockBytes = blockBytes;
    }

    /**
     * @throws BackingException when the file cannot be one
     */
    public static LoopTarget open(Path path) throws IOException {
        PosixFile file = openFile(path);
        try {
            FileStatus status = file.status();
            int type = status.type();
            if (type != FileStatus.S_IFREG && type != FileStatus.S_IFBLK) {
                throw new BackingException(path, "neither a file nor a block device");
            }
            long size = type == FileStatus.S_IFBLK ? blockDeviceSize(file) : file.size();
            int block = smallestBlock(file, size);
            if (size == 0) {
                throw new BackingException(path, "is empty");
            }
            if (size % block != 0) {
                throw new BackingException(
                        path, size + " bytes are not a multiple of the block size " + block);
            }
            return new LoopTarget(file, size, block);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static PosixFile openFile(Path path) throws IOException {
        try {
            return PosixFile.open(path, OpenFlag.READ, OpenFlag.WRITE, OpenFlag.DIRECT);
        } catch (PosixException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            // No O_DIRECT on this file system: through its page cache, which fdatasync empties.
            return PosixFile.open(path, OpenFlag.READ, OpenFlag.WRITE);
        }
    }

    private static long blockDeviceSize(PosixFile file) throws IOException {
        MemorySegment size = Arena.ofAuto().allocate(8, 8);
        long result = Kernel.ioctl(file.descriptor(), BLKGETSIZE64, size);
        if (result < 0) {
            throw Kernel.failure("ioctl", result, file.toString());
        }
        return size.get(JAVA_LONG, 0);
    }

    /** The sector if the file can be read by it, the page if O_DIRECT wants more. */
    private static int smallestBlock(PosixFile file, long size) throws IOException {
        if (size < 2 * SECTOR_BYTES) {
            return SECTOR_BYTES;
        }
        MemorySegment sector =
                Arena.ofAuto().allocate(PAGE_BYTES, PAGE_BYTES).asSlice(0, SECTOR_BYTES);
        try {
            file.read(SECTOR_BYTES, sector);
            return SECTOR_BYTES;
        } catch (PosixException e) {
            if (e.errno() == Errno.EINVAL) {
                return PAGE_BYTES;
            }
            throw e;
        }
    }

    @Override
    public String kind() {
        return "loop";
    }

    @Override
    public DeviceParameters parameters(int maxRequestBytes) {
        return new DeviceParameters(
                sizeBytes,
                blockBytes,
                PAGE_BYTES,
                maxRequestBytes,
                DISCARD_BYTES,
                Set.of(Attribute.VOLATILE_CACHE, Attribute.FUA));
    }

    @Override
    public boolean supports(DataPath path) {
        return true;
    }

    @Override
    public QueueTarget openQueue(UblkQueue queue) {
        return new LoopQueue(queue, file.descriptor());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

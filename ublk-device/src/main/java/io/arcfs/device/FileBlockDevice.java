package io.arcfs.device;

import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A block device kept in one sparse file of its full size.
 *
 * <p>Offsets and lengths are multiples of the block; what lies outside the device is refused.
 * Thread-safe.
 */
public final class FileBlockDevice implements BlockDevice {
    public static final int BLOCK_BYTES = 4096;

    private final PosixFile file;
    private final long sizeBytes;

    private FileBlockDevice(PosixFile file, long sizeBytes) {
        this.file = file;
        this.sizeBytes = sizeBytes;
    }

    /** Makes a new file of zeros; fails if there is one. */
    public static FileBlockDevice create(Path path, long sizeBytes) throws IOException {
        requireWholeBlocks(path, sizeBytes);
        PosixFile file =
                PosixFile.open(
                        path, OpenFlag.READ, OpenFlag.WRITE, OpenFlag.CREATE, OpenFlag.EXCLUSIVE);
        try {
            file.truncate(sizeBytes);
            file.sync();
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return new FileBlockDevice(file, sizeBytes);
    }

    /** Opens a file whose size is a multiple of the block. */
    public static FileBlockDevice open(Path path, OpenFlag... flags) throws IOException {
        PosixFile file = PosixFile.open(path, flags);
        try {
            long sizeBytes = file.size();
            requireWholeBlocks(path, sizeBytes);
            return new FileBlockDevice(file, sizeBytes);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static void requireWholeBlocks(Path path, long sizeBytes) throws IOException {
        if (sizeBytes < 0 || sizeBytes % BLOCK_BYTES != 0) {
            throw new IOException(
                    path + ": a device of " + sizeBytes + " bytes is not a multiple of 4096");
        }
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int blockSizeBytes() {
        return BLOCK_BYTES;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        requireRange(offsetBytes, target.byteSize());
        int got = file.read(offsetBytes, target);
        if (got < target.byteSize()) {
            // Someone cut the file under us; the missing bytes are not zeros, they are lost.
            throw new IOException(
                    file + ": ends at " + (offsetBytes + got) + ", device size " + sizeBytes);
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        requireRange(offsetBytes, source.byteSize());
        file.write(offsetBytes, source);
    }

    @Override
    public void flush() throws IOException {
        file.syncData();
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        requireRange(offsetBytes, lengthBytes);
        if (lengthBytes == 0) {
            return;
        }
        try {
            file.punchHole(offsetBytes, lengthBytes);
        } catch (PosixException e) {
            switch (e.errno()) {
                case EOPNOTSUPP, ENOSYS -> {
                    return; // a discard is a hint: "or as before"
                }
                default -> throw e;
            }
        }
    }

    @Override
    public void writeZeroes(long offsetBytes, long lengthBytes, ZeroedSpace space)
            throws IOException {
        requireRange(offsetBytes, lengthBytes);
        if (lengthBytes == 0) {
            return;
        }
        if (space == ZeroedSpace.RELEASED) {
            try {
                file.punchHole(offsetBytes, lengthBytes);
                return;
            } catch (PosixException e) {
                if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.ENOSYS) {
                    throw e;
                }
            }
        }
        BlockDevice.super.writeZeroes(offsetBytes, lengthBytes, space);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void requireRange(long offsetBytes, long lengthBytes) {
        if (offsetBytes % BLOCK_BYTES != 0 || lengthBytes % BLOCK_BYTES != 0) {
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

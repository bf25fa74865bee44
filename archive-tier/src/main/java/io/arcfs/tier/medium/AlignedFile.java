package io.arcfs.tier.medium;

import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A block device or a file, past the page cache where the file system can: reads of any range,
 * writes of whole blocks. Thread-safe.
 */
final class AlignedFile implements AutoCloseable {
    /** Enough for disks of 512 and of 4096 byte sectors. */
    static final int BLOCK = 4096;

    private static final int BUFFER_BYTES = BulkFile.BUFFER_BYTES;

    private final PosixFile file;
    private final boolean direct;
    private final long sizeBytes;
    private final BulkFile bulk;

    private AlignedFile(PosixFile file, boolean direct, long sizeBytes, BulkFile bulk) {
        this.file = file;
        this.direct = direct;
        this.sizeBytes = sizeBytes;
        this.bulk = bulk;
    }

    /** What may move the bytes. */
    enum Transfers {
        /** io_uring where the kernel lets it and the page cache is passed by. */
        BEST,
        /** One system call after the other. */
        POSITIONED
    }

    static AlignedFile open(Path path, Transfers transfers) throws IOException {
        long size;
        // java.nio knows how to ask a block device for its size.
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            size = channel.size();
        }
        boolean device = !Files.isRegularFile(path);
        try {
            PosixFile file = openFile(path, device, true);
            return new AlignedFile(file, true, size, bulkOf(file, transfers));
        } catch (PosixException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            // A file system without O_DIRECT, tmpfs for one.
            PosixFile file = openFile(path, device, false);
            return new AlignedFile(
                    file,
                    false,
                    size,
                    new PositionedFile(file, "positioned I/O: no O_DIRECT here"));
        }
    }

    private static BulkFile bulkOf(PosixFile file, Transfers transfers) {
        if (transfers == Transfers.POSITIONED) {
            return new PositionedFile(file, "positioned I/O");
        }
        try {
            return RingFile.open(file);
        } catch (PosixException e) {
            return new PositionedFile(file, "positioned I/O: no io_uring: " + e.getMessage());
        }
    }

    /** What moves the bytes, and why nothing better does. */
    String how() {
        return bulk.how();
    }

    private static PosixFile openFile(Path path, boolean device, boolean direct)
            throws IOException {
        OpenFlag how = direct ? OpenFlag.DIRECT : OpenFlag.READ;
        // On a device EXCLUSIVE keeps away from what is mounted.
        return device
                ? PosixFile.open(path, OpenFlag.READ, OpenFlag.WRITE, OpenFlag.EXCLUSIVE, how)
                : PosixFile.open(path, OpenFlag.READ, OpenFlag.WRITE, how);
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** Whether the page cache is passed by. */
    boolean isDirect() {
        return direct;
    }

    void read(long offset, MemorySegment target) throws IOException {
        long length = target.byteSize();
        if (target.isNative()
                && offset % BLOCK == 0
                && length % BLOCK == 0
                && target.address() % BLOCK == 0) {
            readFully(offset, target);
            return;
        }
        MemorySegment buffer = bulk.takeBuffer();
        try {
            for (long done = 0; done < length; ) {
                long at = offset + done;
                long from = at / BLOCK * BLOCK;
                long part = Math.min(length - done, BUFFER_BYTES - (at - from));
                long until = (at + part + BLOCK - 1) / BLOCK * BLOCK;
                readFully(from, buffer.asSlice(0, until - from));
                MemorySegment.copy(buffer, at - from, target, done, part);
                done += part;
            }
        } finally {
            bulk.giveBuffer(buffer);
        }
    }

    private void readFully(long offset, MemorySegment target) throws IOException {
        bulk.read(offset, target);
        if (!direct) {
            file.dropCache(offset, target.byteSize());
        }
    }

    /** Whole blocks from aligned native memory. */
    void write(long offset, MemorySegment blocks) throws IOException {
        bulk.write(offset, blocks);
    }

    void writeBlock(long offset, byte[] bytes) throws IOException {
        MemorySegment buffer = bulk.takeBuffer();
        try {
            MemorySegment block = buffer.asSlice(0, BLOCK).fill((byte) 0);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, block, 0, bytes.length);
            bulk.write(offset, block);
        } finally {
            bulk.giveBuffer(buffer);
        }
    }

    MemorySegment takeBuffer() {
        return bulk.takeBuffer();
    }

    void giveBuffer(MemorySegment buffer) {
        bulk.giveBuffer(buffer);
    }

    void sync() throws IOException {
        file.syncData();
    }

    @Override
    public String toString() {
        return file.toString();
    }

    @Override
    public void close() throws IOException {
        try (file) {
            bulk.close();
        }
    }
}

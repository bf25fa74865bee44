package io.arcfs.erofs.extract;

import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DeviceReader;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Hands over the data of one file after the other through one buffer. Confined to one thread. */
final class FileReader implements FileContent {
    private static final long BUFFER = 1 << 20;
    private static final long ALIGNMENT = 4096;

    private final ErofsImage image;
    private final DeviceReader devices;
    private final MemorySegment buffer;
    private final long dataBytesMax;
    private @Nullable Inode file;
    private @Nullable IOException failure;
    private long dataBytes;

    FileReader(ErofsImage image, DeviceReader devices, Arena arena, long dataBytesMax) {
        this.image = image;
        this.devices = devices;
        this.buffer = arena.allocate(BUFFER, ALIGNMENT);
        this.dataBytesMax = dataBytesMax;
    }

    void select(Inode next) {
        file = next;
        failure = null;
    }

    /** What stopped the last file in its middle, if anything did. */
    @Nullable IOException takeFailure() {
        return failure;
    }

    long dataBytes() {
        return dataBytes;
    }

    @Override
    public long sizeBytes() {
        return selected().size();
    }

    @Override
    public void copyTo(RunSink sink) throws IOException {
        Inode inode = selected();
        long offset = 0;
        while (offset < inode.size()) {
            Extent extent;
            try {
                extent = image.extentAt(inode.nid(), offset);
            } catch (CorruptImageException | UnsupportedImageException e) {
                failure = e;
                return;
            }
            if (extent instanceof Extent.Mapped) {
                copyRun(inode, offset, extent.lengthBytes(), sink);
            }
            offset += extent.lengthBytes();
        }
    }

    private void copyRun(Inode inode, long start, long length, RunSink sink) throws IOException {
        if (length > dataBytesMax - dataBytes) {
            throw new UnsupportedImageException("more than " + dataBytesMax + " bytes of data");
        }
        for (long done = 0; done < length; ) {
            MemorySegment part = buffer.asSlice(0, Math.min(BUFFER, length - done));
            int read = image.read(inode.nid(), start + done, part, devices);
            sink.run(start + done, part.asSlice(0, read));
            done += read;
            dataBytes += read;
        }
    }

    private Inode selected() {
        if (file == null) {
            throw new IllegalStateException("no file selected");
        }
        return file;
    }
}

package io.arcfs.fuse.memory;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An open file of {@link MemoryFileSystem}. Guarded by its file system. */
final class MemoryOpenFile implements OpenFile {
    private final MemoryFileSystem fileSystem;
    private final MemoryInode node;
    private final OpenMode mode;
    private volatile boolean released;

    MemoryOpenFile(MemoryFileSystem fileSystem, MemoryInode node, OpenMode mode) {
        this.fileSystem = fileSystem;
        this.node = node;
        this.mode = mode;
    }

    @Override
    public long inode() {
        return node.number;
    }

    @Override
    public Attributes attributes() throws FsException {
        synchronized (fileSystem) {
            checkOpen(true);
            return node.attributes();
        }
    }

    @Override
    public int read(long offsetBytes, MemorySegment target) throws FsException {
        fileSystem.observer().reading(target.byteSize());
        checkOpen(mode.read());
        try {
            return node.read(offsetBytes, target);
        } catch (IOException e) {
            throw MemoryFileSystem.asFsException(e);
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws FsException {
        fileSystem.observer().writing(source.byteSize());
        synchronized (fileSystem) {
            put(offsetBytes, source);
        }
    }

    @Override
    public void append(MemorySegment source) throws FsException {
        fileSystem.observer().writing(source.byteSize());
        synchronized (fileSystem) {
            put(node.size(), source);
        }
    }

    private void put(long offsetBytes, MemorySegment source) throws FsException {
        checkOpen(mode.write());
        fileSystem.admit(source.byteSize());
        long before = node.size();
        try {
            node.append(offsetBytes, source);
        } catch (IOException e) {
            throw MemoryFileSystem.asFsException(e);
        }
        fileSystem.account(node.size() - before);
    }

    @Override
    public @Nullable BackingFile backing() {
        return node.backing();
    }

    @Override
    public void truncate(long sizeBytes) throws FsException {
        synchronized (fileSystem) {
            checkOpen(mode.write());
            fileSystem.resize(node, sizeBytes);
        }
    }

    @Override
    public void allocate(long offsetBytes, long lengthBytes, boolean keepSize) throws FsException {
        synchronized (fileSystem) {
            checkOpen(mode.write());
            long end = offsetBytes + lengthBytes;
            if (!keepSize && end > node.size()) {
                fileSystem.resize(node, end);
            }
        }
    }

    @Override
    public long seek(long offsetBytes, SeekTarget target) throws FsException {
        synchronized (fileSystem) {
            checkOpen(true);
            if (offsetBytes >= node.size()) {
                throw new FsException(Reason.NO_DEVICE_ADDRESS, "behind the end");
            }
            return target == SeekTarget.DATA ? offsetBytes : node.size();
        }
    }

    @Override
    public void flush() throws FsException {
        fileSystem.observer().flushing();
    }

    @Override
    public void fsync() throws FsException {
        fileSystem.observer().syncing();
    }

    @Override
    public void release() {
        synchronized (fileSystem) {
            if (!released) {
                released = true;
                node.opens--;
                fileSystem.dropIfUnused(node);
            }
        }
    }

    private void checkOpen(boolean allowed) throws FsException {
        if (released || !allowed) {
            throw new FsException(Reason.BAD_HANDLE, "released, or not opened for this");
        }
    }
}

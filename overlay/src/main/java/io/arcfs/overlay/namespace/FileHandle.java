package io.arcfs.overlay.namespace;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A handle on a regular file; all state is the node's. Thread-safe. */
final class FileHandle implements OpenFile {
    private final Namespace namespace;
    private final FileOperations files;
    private final Node node;
    private final OpenMode mode;
    private final AtomicBoolean released = new AtomicBoolean();

    FileHandle(Namespace namespace, FileOperations files, Node node, OpenMode mode) {
        this.namespace = namespace;
        this.files = files;
        this.node = node;
        this.mode = mode;
        if (mode.write()) {
            namespace.countWriter(node, 1);
        }
    }

    @Override
    public long inode() {
        return node.inode;
    }

    @Override
    public Attributes attributes() {
        return node.attributes();
    }

    @Override
    public int read(long offsetBytes, MemorySegment target) throws FsException {
        try {
            return files.read(node, offsetBytes, target);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws FsException {
        requireWritable();
        try {
            files.append(node, offsetBytes, false, source);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void append(MemorySegment source) throws FsException {
        requireWritable();
        try {
            files.append(node, 0, true, source);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public @Nullable BackingFile backing() throws FsException {
        try {
            return files.backing(node);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void truncate(long sizeBytes) throws FsException {
        requireWritable();
        try {
            files.resize(node, sizeBytes);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void allocate(long offsetBytes, long lengthBytes, boolean keepSize) throws FsException {
        requireWritable();
        if (offsetBytes < 0 || lengthBytes <= 0) {
            throw new FsException(Reason.INVALID, "a range to allocate has a length");
        }
        if (offsetBytes > FileOperations.FILE_BYTES_MAX - lengthBytes) {
            throw new FsException(Reason.TOO_BIG, "a file has at most 16 TiB");
        }
        if (keepSize || offsetBytes + lengthBytes <= node.size()) {
            return;
        }
        truncate(offsetBytes + lengthBytes);
    }

    @Override
    public long seek(long offsetBytes, SeekTarget target) throws FsException {
        try {
            return files.seek(node, offsetBytes, target == SeekTarget.DATA);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void flush() {
        // Every write was answered when its bytes were with the operating system: nothing is left
        // to report.
    }

    @Override
    public void fsync() throws FsException {
        try {
            namespace.committer().sync(node);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void release() {
        if (released.compareAndSet(false, true)) {
            namespace.handles().decrementAndGet();
            if (mode.write()) {
                namespace.countWriter(node, -1);
            }
            if (namespace.tree().nodes().closed(node)) {
                node.letGo(namespace.openFiles());
                if (node.removed) {
                    namespace.dropNameless(node);
                }
            }
        }
    }

    private void requireWritable() throws FsException {
        if (!mode.write()) {
            throw new FsException(Reason.BAD_HANDLE, "the file is not open for writing");
        }
    }
}

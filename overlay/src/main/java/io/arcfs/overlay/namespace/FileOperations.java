package io.arcfs.overlay.namespace;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.FileData;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.UpperLayer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads, appends and resizes regular files. Appends to one file follow each other; everything else
 * runs beside them.
 */
final class FileOperations {
    /** Largest file: a chunk index of four million entries. */
    static final long FILE_BYTES_MAX = 1L << 44;

    private final Namespace namespace;
    private final Tree tree;

    FileOperations(Namespace namespace) {
        this.namespace = namespace;
        this.tree = namespace.tree();
    }

    int read(Node node, long offset, MemorySegment target) throws IOException {
        long size = node.size();
        if (offset >= size || offset < 0) {
            return 0;
        }
        long count = Math.min(target.byteSize(), size - offset);
        MemorySegment wanted = count == target.byteSize() ? target : target.asSlice(0, count);
        for (; ; ) {
            int givenBack = tree.givenBack();
            FileData data = node.loadData(tree.appendFiles());
            AppendFile file = data.appendFile();
            if (file != null && !retain(node, data, file)) {
                continue;
            }
            try {
                data.read(offset, wanted, namespace.device());
                if (tree.givenBack() == givenBack || node.isCurrent(data)) {
                    return (int) count;
                }
                // It waited for so long that the bytes have moved and their place was given back.
            } catch (IOException e) {
                if (tree.givenBack() == givenBack || node.isCurrent(data)) {
                    throw e;
                }
            } finally {
                if (file != null) {
                    file.release();
                }
            }
        }
    }

    /** Keeps the descriptor for one read; false if the file's data moved meanwhile. */
    private static boolean retain(Node node, FileData data, AppendFile file) throws IOException {
        try {
            file.retain();
            return true;
        } catch (IOException e) {
            if (!node.isCurrent(data)) {
                return false;
            }
            throw e;
        }
    }

    /** Appends at {@code offset}, or at the end if {@code atEnd}. */
    void append(Node node, long offset, boolean atEnd, MemorySegment source) throws IOException {
        long length = source.byteSize();
        if (length == 0) {
            return;
        }
        if (!atEnd) {
            requireWritable(node, offset, length);
        }
        // Before the file's own lock: who waits for space keeps nobody from the file.
        namespace.space().admit(length);
        if (node.loadData(tree.appendFiles()).appendFile() == null && node.pinned() == null) {
            namespace.space().admitFile();
        }
        node.appendLock.lock();
        try {
            long written = node.writtenEnd();
            long start = atEnd ? Math.max(node.size(), written) : offset;
            requireWritable(node, start, length);
            namespace.committer().note(node);
            while (!node.reserve(tree, Math.max(written, start + length))) {
                prepareAppend(node);
                namespace.committer().note(node);
                // It may be an archived file by now, all of whose size counts as written.
                written = node.writtenEnd();
                start = atEnd ? Math.max(node.size(), written) : offset;
                requireWritable(node, start, length);
            }
            write(node, start, source, written);
        } finally {
            node.appendLock.unlock();
        }
    }

    private void requireWritable(Node node, long start, long length) throws IOException {
        long written = node.writtenEnd();
        if (start < written && !(namespace.mayRewrite() && start >= rewritableFrom(node))) {
            throw Failures.notPermitted(
                    "append-only: " + start + " lies before the written end " + written);
        }
        if (start > FILE_BYTES_MAX - length) {
            throw new FsException(
                    Reason.TOO_BIG, "a file has at most " + FILE_BYTES_MAX + " bytes");
        }
    }

    /** Where the bytes begin that only the active layer holds; the written end at the most. */
    private long rewritableFrom(Node node) throws IOException {
        LayerStack stack = tree.stack();
        Node.Rewritable known = node.rewritable;
        FileData data = node.loadData(tree.appendFiles());
        AppendFile file = data.appendFile();
        if (file == null) {
            return Long.MAX_VALUE;
        }
        if (known != null
                && known.stackVersion() == stack.version()
                && known.appendFile() == file.number()) {
            return known.from();
        }
        long from = data.appendStart();
        for (InodeRecord.Run run : tree.catalog().forward(file.number())) {
            from = Math.max(from, run.fileOffset() + run.extent().lengthBytes());
        }
        for (Layer layer : stack.layers().subList(1, stack.layers().size())) {
            InodeRecord sealed = layer instanceof UpperLayer upper ? upper.find(node.inode) : null;
            if (sealed != null && sealed.appendFile() == file.number()) {
                from = Math.max(from, sealed.writtenEnd());
            }
        }
        node.rewritable = new Node.Rewritable(stack.version(), file.number(), from);
        return from;
    }

    private void write(Node node, long start, MemorySegment source, long written)
            throws IOException {
        FileData data = node.loadData(tree.appendFiles());
        AppendFile file = data.appendFile();
        if (file == null) {
            throw new IOException(
                    "inode " + node.inode + " has no append file after it was prepared");
        }
        file.retain();
        try {
            file.append(start, source);
            Failpoint.APPEND_WRITTEN.reach();
            Instant now = namespace.clock().instant();
            long end = Math.max(written, start + source.byteSize());
            node.appended(end, now.getEpochSecond(), now.getNano());
            // Again: a commit since the first time may have found nothing to do yet.
            namespace.committer().note(node);
            namespace.activeBytes().addAndGet(Math.min(end - written, source.byteSize()));
        } catch (IOException e) {
            node.unreserve(written);
            withdraw(node, file, written, e);
            throw e;
        } finally {
            file.release();
        }
    }

    /**
     * After a failed append: no trace of it in the append file, nor in a layer sealed meanwhile.
     */
    private void withdraw(Node node, AppendFile file, long written, IOException failure) {
        try {
            file.truncate(node.pinned() == null ? written : Math.max(written, node.size()));
            Failpoint.APPEND_WITHDRAWN.reach();
            tree.writeLock().lock();
            try {
                if (node.recordLayer() != tree.activeLayer() && !node.removed) {
                    try (Change change = new Change(namespace)) {
                        change.copyUp(node);
                        InodeRecord record = change.record(node);
                        InodeRecord actual =
                                record.change().size(node.size()).writtenEnd(written).build();
                        change.put(node, actual);
                        change.commit();
                    }
                }
            } finally {
                tree.writeLock().unlock();
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Brings the file into the active layer and gives it an append file. */
    private void prepareAppend(Node node) throws IOException {
        // Made before the lock is taken: making a file may wait for the disk.
        AppendFile made =
                node.loadData(tree.appendFiles()).appendFile() == null && node.pinned() == null
                        ? newAppendFile()
                        : null;
        boolean used = false;
        tree.writeLock().lock();
        try (Change change = new Change(namespace)) {
            change.copyUp(node);
            FileData data = node.loadData(tree.appendFiles());
            if (data.appendFile() == null) {
                AppendFile file = node.pinned();
                if (file == null) {
                    if (made == null) {
                        made = newAppendFile(); // archived since we looked
                    }
                    file = made;
                    used = true;
                }
                InodeRecord record = change.record(node);
                FileData grown = new FileData(data.runs(), file, record.writtenEnd());
                change.startVersion(node, record, grown);
                change.then(() -> node.installData(grown));
            }
            change.commit();
        } finally {
            tree.writeLock().unlock();
            if (made != null) {
                made.release();
                if (!used) {
                    tree.appendFiles().remove(made.number());
                }
            }
        }
    }

    private AppendFile newAppendFile() throws IOException {
        return tree.appendFiles().create(namespace.counters().takeAppendFile());
    }

    /** Moves the size up, or starts a new, empty version. */
    void resize(Node node, long size) throws IOException {
        if (!node.isRegular()) {
            throw new FsException(
                    node.isDirectory() ? Reason.IS_DIRECTORY : Reason.INVALID,
                    "only regular files have a size");
        }
        if (size < 0) {
            throw new FsException(Reason.INVALID, "a size is not negative");
        }
        if (size > FILE_BYTES_MAX) {
            throw new FsException(
                    Reason.TOO_BIG, "a file has at most " + FILE_BYTES_MAX + " bytes");
        }
        if (size == 0 && touchEmpty(node)) {
            return;
        }
        node.appendLock.lock();
        tree.writeLock().lock();
        AppendFile pinned = node.pinned();
        if (size == 0 && pinned != null) {
            try {
                emptyPinned(node, pinned);
            } finally {
                tree.writeLock().unlock();
                node.appendLock.unlock();
            }
            return;
        }
        try (Change change = new Change(namespace)) {
            if (size != 0 && size < node.size()) {
                throw Failures.notPermitted("append-only: a file shrinks to nothing or not at all");
            }
            Instant now = namespace.clock().instant();
            change.copyUp(node);
            InodeRecord changed =
                    change.record(node).change().size(size).mtime(now).ctime(now).build();
            if (size == 0) {
                InodeRecord empty =
                        changed.change().writtenEnd(0).data(FileData.EMPTY.runs(), 0, 0).build();
                change.startVersion(node, empty, FileData.EMPTY);
                change.then(() -> node.resize(empty, tree.activeLayer(), FileData.EMPTY));
            } else {
                FileData data = node.loadData(tree.appendFiles());
                change.put(node, changed);
                change.then(() -> node.resize(changed, tree.activeLayer(), data));
            }
            change.commit();
            if (pinned != null) {
                pinned.growTo(size);
                Failpoint.APPEND_WRITTEN.reach();
            }
        } finally {
            tree.writeLock().unlock();
            node.appendLock.unlock();
        }
    }

    /**
     * Emptying a file that never held anything only moves its times, which are committed as those
     * of an append are. Programs do this to each file that they make.
     *
     * @return false if there is more to do
     */
    private boolean touchEmpty(Node node) {
        tree.readLock().lock();
        try {
            Instant now = namespace.clock().instant();
            boolean touched =
                    node.recordLayer() == tree.activeLayer()
                            && node.touchedEmpty(now.getEpochSecond(), now.getNano());
            if (touched) {
                namespace.committer().note(node);
            }
            return touched;
        } finally {
            tree.readLock().unlock();
        }
    }

    /**
     * Starts a new version in the very append file of the old one, which somebody reads without us.
     * The record of the empty version is durable before the old bytes go; a crash between the two
     * leaves either version, and nobody was told of the new one yet.
     */
    private void emptyPinned(Node node, AppendFile file) throws IOException {
        namespace.awaitUnsealed(file.number());
        try (Change change = new Change(namespace)) {
            Instant now = namespace.clock().instant();
            change.copyUp(node);
            FileData fresh = new FileData(List.of(), file, 0);
            InodeRecord empty =
                    change.record(node)
                            .change()
                            .size(0)
                            .writtenEnd(0)
                            .mtime(now)
                            .ctime(now)
                            .data(fresh.runs(), file.number(), 0)
                            .build();
            change.startVersion(node, empty, fresh);
            // What was archived of it is not what it will hold.
            change.batch().deleteForward(file.number());
            change.then(() -> node.resize(empty, tree.activeLayer(), fresh));
            change.commit();
        }
        tree.catalog().sync();
        Failpoint.EMPTIED_RECORD_SYNCED.reach();
        file.truncate(0);
        Failpoint.EMPTIED_FILE_CUT.reach();
    }

    /**
     * Pins the append file that holds all bytes of an inode.
     *
     * @return null if there is no such file
     */
    @Nullable BackingFile backing(Node node) throws IOException {
        tree.readLock().lock();
        try {
            AppendFile file = node.pinned();
            if (file == null) {
                FileData data = node.loadData(tree.appendFiles());
                file = data.appendFile();
                if (file == null || data.appendStart() != 0 || !data.runs().isEmpty()) {
                    return null;
                }
            }
            file.retain();
            if (file.length() < node.size()) {
                file.release(); // the size was moved up: what is behind the end is a hole of ours
                return null;
            }
            node.pin(file);
            namespace.references().pin(file.number());
            return new PinnedFile(namespace, node, file);
        } finally {
            tree.readLock().unlock();
        }
    }

    /** First data or hole at or behind an offset; what a source cannot tell counts as data. */
    long seek(Node node, long offset, boolean forData) throws IOException {
        long size = node.size();
        if (offset < 0 || offset >= size) {
            throw new FsException(Reason.NO_DEVICE_ADDRESS, "the offset lies behind the end");
        }
        FileData data = node.loadData(tree.appendFiles());
        for (long position = offset; position < size; ) {
            long end = Math.min(size, data.pieceEnd(position));
            long found =
                    switch (data.source(position)) {
                        case FileData.Source.Archived _ -> forData ? position : -1;
                        case FileData.Source.Hole _ -> forData ? -1 : position;
                        case FileData.Source.Upper(AppendFile file) ->
                                seekUpper(file, position, size, forData);
                    };
            if (found >= 0 && found < end) {
                return found;
            }
            position = end;
        }
        if (forData) {
            throw new FsException(Reason.NO_DEVICE_ADDRESS, "no data behind the offset");
        }
        return size;
    }

    private static long seekUpper(AppendFile file, long position, long size, boolean forData)
            throws IOException {
        file.retain();
        try {
            if (forData) {
                return file.seekData(position);
            }
            long hole = file.seekHole(position);
            return hole < 0 ? Math.min(position, size) : hole;
        } finally {
            file.release();
        }
    }
}

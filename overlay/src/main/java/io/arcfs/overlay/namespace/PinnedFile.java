package io.arcfs.overlay.namespace;

import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.FileData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;

/** One pin of an append file; given back once. Thread-safe. */
final class PinnedFile implements BackingFile {
    private final Namespace namespace;
    private final Node node;
    private final AppendFile file;
    private final AtomicBoolean released = new AtomicBoolean();

    PinnedFile(Namespace namespace, Node node, AppendFile file) {
        this.namespace = namespace;
        this.node = node;
        this.file = file;
    }

    @Override
    public int withDescriptor(IntUnaryOperator use) {
        return file.withDescriptor(use);
    }

    @Override
    public void release() {
        if (!released.compareAndSet(false, true)) {
            return;
        }
        Tree tree = namespace.tree();
        tree.writeLock().lock();
        try {
            if (node.unpin()) {
                namespace.references().unpin(file.number());
                removeIfUnnamed();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the file is garbage that the next open removes
        } finally {
            tree.writeLock().unlock();
            file.release();
        }
    }

    /**
     * It was kept for its readers alone if its bytes were archived meanwhile: handles that still
     * read it have it open. The file of an inode without names goes with the last handle.
     */
    private void removeIfUnnamed() throws IOException {
        FileData data = node.data();
        boolean nameless = node.removed && data != null && data.appendFile() == file;
        if (!(nameless && node.isReferenced()) && !namespace.references().contains(file.number())) {
            namespace.removeAppendFiles(List.of(file.number()));
        }
    }
}

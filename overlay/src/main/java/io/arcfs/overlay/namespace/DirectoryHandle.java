package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.catalog.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A handle on a directory. A cookie is a position in the listing taken at the last read from the
 * start. Thread-safe.
 */
final class DirectoryHandle implements OpenDirectory {
    private static final byte[] SELF = ".".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PARENT = "..".getBytes(StandardCharsets.US_ASCII);

    private final Namespace namespace;
    private final Node node;
    private final AtomicBoolean released = new AtomicBoolean();
    private List<Listed> listing = List.of();
    private boolean listed;

    private record Listed(byte[] name, long inode, int type) {}

    DirectoryHandle(Namespace namespace, Node node) {
        this.namespace = namespace;
        this.node = node;
    }

    @Override
    public long inode() {
        return node.inode;
    }

    @Override
    public void read(long cookie, EntrySink sink) throws FsException {
        List<Listed> entries;
        synchronized (this) {
            if (cookie == 0 || !listed) {
                listing = list();
                listed = true;
            }
            entries = listing;
        }
        for (int i = (int) Math.min(cookie, entries.size()); i < entries.size(); i++) {
            Listed entry = entries.get(i);
            if (!sink.entry(entry.name(), entry.inode(), entry.type(), i + 1)) {
                return;
            }
        }
    }

    private List<Listed> list() throws FsException {
        Tree tree = namespace.tree();
        List<Listed> entries = new ArrayList<>();
        entries.add(new Listed(SELF, node.inode, Mode.DIRECTORY));
        entries.add(new Listed(PARENT, node.parent, Mode.DIRECTORY));
        tree.readLock().lock();
        try {
            tree.stack()
                    .list(
                            tree.merged(node),
                            (name, layer, entry) ->
                                    entries.add(
                                            new Listed(
                                                    name,
                                                    layer.inodeNumber(entry.ref()),
                                                    entry.type())));
        } catch (IOException e) {
            throw Failures.of(e);
        } finally {
            tree.readLock().unlock();
        }
        return entries;
    }

    @Override
    public void fsync() throws FsException {
        try {
            namespace.catalog().sync();
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void release() {
        if (released.compareAndSet(false, true)) {
            namespace.handles().decrementAndGet();
            namespace.tree().nodes().closed(node);
        }
    }
}

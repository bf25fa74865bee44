package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.LayerStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

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
    private @Nullable Listing listing;

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
        Listing now;
        synchronized (this) {
            now = listing;
            if (cookie == 0 || now == null) {
                now = list();
                listing = now;
            }
        }
        now.read(cookie, sink);
    }

    private Listing list() throws FsException {
        Tree tree = namespace.tree();
        Listing entries = new Listing();
        entries.add(SELF, node.inode, Mode.DIRECTORY);
        entries.add(PARENT, node.parent, Mode.DIRECTORY);
        LayerStack.MergedVisitor adding =
                (name, layer, entry) ->
                        entries.add(name, layer.inodeNumber(entry.ref()), entry.type());
        try {
            LayerStack.Images images;
            tree.readLock().lock();
            try {
                images = tree.stack().listUppers(tree.merged(node), adding);
            } finally {
                tree.readLock().unlock();
            }
            images.list(adding); // nobody waits for a million archived names to be listed
        } catch (IOException e) {
            throw Failures.of(e);
        }
        return entries.finish();
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

package io.arcfs.overlay.namespace;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.Layer;
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
    private @Nullable Taken listing;

    /**
     * A listing.
     *
     * @param namesVersion of the directory when it was taken
     * @param stack that the depths of its entries refer to
     */
    private record Taken(Listing listing, int namesVersion, LayerStack stack) {}

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
        namespace.tree().trimNodes();
        Taken now;
        synchronized (this) {
            now = listing;
            if (cookie == 0 || now == null) {
                now = list();
                listing = now;
            }
        }
        now.listing().read(cookie, sink, new Place(now));
    }

    private Taken list() throws FsException {
        Tree tree = namespace.tree();
        Listing entries = new Listing();
        entries.add(SELF, node.inode, Mode.DIRECTORY, Listing.NOWHERE, 0);
        entries.add(PARENT, node.parent, Mode.DIRECTORY, Listing.NOWHERE, 0);
        try {
            LayerStack stack;
            int namesVersion;
            LayerStack.MergedVisitor adding;
            LayerStack.Images images;
            tree.readLock().lock();
            try {
                stack = tree.stack();
                namesVersion = node.namesVersion;
                adding = adding(entries, stack);
                images = stack.listUppers(tree.merged(node), adding);
            } finally {
                tree.readLock().unlock();
            }
            images.list(adding); // nobody waits for a million archived names to be listed
            return new Taken(entries.finish(), namesVersion, stack);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    private static LayerStack.MergedVisitor adding(Listing entries, LayerStack stack) {
        return (name, layer, entry) ->
                entries.add(
                        name,
                        layer.inodeNumber(entry.ref()),
                        entry.type(),
                        stack.depthOf(layer),
                        entry.ref());
    }

    /** The entry that is handed over. Confined to the thread that reads. */
    private final class Place implements Listing.Cursor {
        private final Taken taken;
        private byte[] name = SELF;
        private long inode;
        private int depth = Listing.NOWHERE;
        private long ref;

        Place(Taken taken) {
            this.taken = taken;
        }

        @Override
        public void at(byte[] newName, long newInode, int newDepth, long newRef) {
            name = newName;
            inode = newInode;
            depth = newDepth;
            ref = newRef;
        }

        @Override
        public @Nullable Attributes lookup() throws FsException {
            Tree tree = namespace.tree();
            tree.readLock().lock();
            try {
                if (isCurrent(tree)) {
                    Layer layer = taken.stack().layers().get(depth);
                    return tree.referenceListed(node, name, inode, layer, ref);
                }
                Node found = tree.find(node, name);
                return found == null ? null : tree.nodes().reference(found).attributes();
            } catch (IOException e) {
                throw Failures.of(e);
            } finally {
                tree.readLock().unlock();
            }
        }

        /** Whether the entry leads where it led when it was listed. */
        private boolean isCurrent(Tree tree) {
            return depth != Listing.NOWHERE
                    && taken.namesVersion() == node.namesVersion
                    && taken.stack().version() == tree.stack().version();
        }
    }

    @Override
    public void fsync() throws FsException {
        try {
            namespace.catalog().sync();
            Failpoint.SYNC_LOG.reach();
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

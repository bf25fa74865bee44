package io.arcfs.overlay.namespace;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.LayerStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private volatile Listing listing = Listing.NONE;

    /** A name and where it leads; without a layer "." and "..". */
    private record Listed(byte[] name, long inode, int type, @Nullable Layer layer, long ref) {}

    /**
     * What a directory held.
     *
     * @param namesVersion of the directory when it was listed
     * @param stackVersion of the layers that the entries refer to
     */
    private record Listing(List<Listed> entries, int namesVersion, long stackVersion) {
        static final Listing NONE = new Listing(List.of(), 0, 0);
    }

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
        List<Listed> entries = listingFor(cookie).entries();
        for (int i = (int) Math.min(cookie, entries.size()); i < entries.size(); i++) {
            Listed entry = entries.get(i);
            if (!sink.entry(entry.name(), entry.inode(), entry.type(), i + 1)) {
                return;
            }
        }
    }

    private synchronized Listing listingFor(long cookie) throws FsException {
        Listing known = listing;
        if (cookie == 0 || known.entries().isEmpty()) {
            known = list();
            listing = known;
        }
        return known;
    }

    private Listing list() throws FsException {
        Tree tree = namespace.tree();
        List<Listed> entries = new ArrayList<>();
        entries.add(new Listed(SELF, node.inode, Mode.DIRECTORY, null, 0));
        entries.add(new Listed(PARENT, node.parent, Mode.DIRECTORY, null, 0));
        tree.readLock().lock();
        try {
            LayerStack stack = tree.stack();
            stack.list(
                    tree.merged(node),
                    (name, layer, entry) ->
                            entries.add(
                                    new Listed(
                                            name,
                                            layer.inodeNumber(entry.ref()),
                                            entry.type(),
                                            layer,
                                            entry.ref())));
            return new Listing(entries, node.namesVersion, stack.version());
        } catch (IOException e) {
            throw Failures.of(e);
        } finally {
            tree.readLock().unlock();
        }
    }

    @Override
    public @Nullable Attributes lookup(byte[] name, long cookie) throws FsException {
        Tree tree = namespace.tree();
        tree.readLock().lock();
        try {
            Node found = find(tree, name, cookie);
            return found == null ? null : tree.nodes().reference(found).attributes();
        } catch (IOException e) {
            throw Failures.of(e);
        } finally {
            tree.readLock().unlock();
        }
    }

    private @Nullable Node find(Tree tree, byte[] name, long cookie) throws IOException {
        Listing known = listing;
        if (cookie > 0
                && cookie <= known.entries().size()
                && known.namesVersion() == node.namesVersion
                && known.stackVersion() == tree.stack().version()) {
            Listed entry = known.entries().get((int) cookie - 1);
            Layer layer = entry.layer();
            if (layer != null && Arrays.equals(entry.name(), name)) {
                return tree.nodeOf(node, entry.name(), entry.inode(), layer, entry.ref());
            }
        }
        return tree.find(node, name);
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

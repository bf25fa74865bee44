package io.arcfs.overlay.namespace;

import io.arcfs.lock.NonReentrantReadWriteLock;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.LinkName;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.catalog.Origin;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.MergedDirectory;
import io.arcfs.overlay.stack.MergedDirectory.Part;
import io.arcfs.overlay.stack.Resolution;
import io.arcfs.overlay.stack.UpperLayer;
import io.arcfs.tier.DeviceExtent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The merged tree as it is now: finds nodes by number and by name, and knows where each directory
 * goes on below the active layer.
 *
 * <p>Its methods want {@code namespaceLock}, at least for reading, unless they say otherwise.
 */
public final class Tree {
    private final Catalog catalog;
    private final AppendFiles appendFiles;
    private final NodeTable nodes = new NodeTable();
    private final NonReentrantReadWriteLock namespaceLock = new NonReentrantReadWriteLock();

    private final AtomicInteger givenBack = new AtomicInteger();

    /** Changes under the write lock. */
    private volatile LayerStack stack;

    public Tree(Catalog catalog, AppendFiles appendFiles, LayerStack stack) {
        this.catalog = catalog;
        this.appendFiles = appendFiles;
        this.stack = stack;
    }

    Catalog catalog() {
        return catalog;
    }

    public AppendFiles appendFiles() {
        return appendFiles;
    }

    NodeTable nodes() {
        return nodes;
    }

    public LayerStack stack() {
        return stack;
    }

    public void stack(LayerStack newStack) {
        stack = newStack;
    }

    public Lock readLock() {
        return namespaceLock.readLock();
    }

    public Lock writeLock() {
        return namespaceLock.writeLock();
    }

    /** Number of the layer that takes changes. May be asked without a lock. */
    public int activeLayer() {
        return stack.layers().getFirst().first();
    }

    UpperLayer active() {
        return (UpperLayer) stack.layers().getFirst();
    }

    /** Whether the layer is an upper of the present stack; else it has become an image. */
    boolean isUpper(int layer) {
        for (Layer candidate : stack.layers()) {
            if (candidate instanceof UpperLayer && candidate.first() == layer) {
                return true;
            }
        }
        return false;
    }

    /** The node of an inode that the caller has a reference to. */
    Node node(long inode) throws IOException {
        Node known = nodes.get(inode);
        if (known != null) {
            return known;
        }
        if (inode == FileSystem.ROOT_INODE) {
            return nodes.add(loadRoot());
        }
        KnownInode entry = nodes.known(inode);
        if (entry instanceof Node node) {
            return node;
        }
        LinkName name = catalog.anyName(inode, null);
        if (name == null && entry instanceof KnownInode.Stub stub) {
            name = new LinkName(stub.parent(), stub.name());
        }
        if (name == null) {
            throw new FsException(Reason.STALE, "inode " + inode + " is not known any more");
        }
        Node found = find(directory(name.parent()), name.name());
        if (found == null || found.inode != inode) {
            throw new FsException(Reason.STALE, "inode " + inode + " is not known any more");
        }
        return found;
    }

    Node directory(long inode) throws IOException {
        Node node = node(inode);
        if (!node.isDirectory()) {
            throw new FsException(Reason.NOT_DIRECTORY, "inode " + inode + " is not a directory");
        }
        return node;
    }

    private Node loadRoot() throws IOException {
        for (Layer layer : stack.layers()) {
            if (layer instanceof UpperLayer upper) {
                InodeRecord record = upper.find(FileSystem.ROOT_INODE);
                if (record != null) {
                    return rootNode(record, layer.first());
                }
            } else {
                return rootNode(layer.inode(layer.rootRef()), Node.IN_IMAGE);
            }
        }
        InodeRecord empty =
                new InodeRecordBuilder(Mode.DIRECTORY | 0755, 0, 0).origin(Origin.SAME).build();
        return rootNode(empty, Node.IN_IMAGE);
    }

    private static Node rootNode(InodeRecord record, int layer) {
        return new Node(FileSystem.ROOT_INODE, FileSystem.ROOT_INODE, new byte[0], record, layer);
    }

    /** Finds a name in a directory, or null. */
    @Nullable Node find(Node directory, byte[] name) throws IOException {
        return stack.child(merged(directory), name) instanceof Resolution.Present present
                ? nodeOf(directory, name, present)
                : null;
    }

    private Node nodeOf(Node parent, byte[] name, Resolution.Present present) throws IOException {
        return nodeOf(parent, name, present.inodeNumber(), present.layer(), present.ref());
    }

    /** The node of a name whose place in the layers is known. */
    Node nodeOf(Node parent, byte[] name, long inode, Layer layer, long ref) throws IOException {
        Node known = nodes.get(inode);
        if (known != null) {
            return known;
        }
        InodeRecord record = layer.inode(ref);
        Node node =
                layer instanceof ImageLayer image
                        ? Node.inImage(inode, parent.inode, name, record, image, ref)
                        : new Node(inode, parent.inode, name, record, layer.first());
        return nodes.add(node);
    }

    /**
     * Takes a lookup reference of a name whose place in the layers is known. While there are many
     * nodes it makes none: who walks a whole tree asks for each inode once.
     */
    Attributes referenceListed(Node parent, byte[] name, long inode, Layer layer, long ref)
            throws IOException {
        if (nodes.get(inode) == null && nodes.isFull()) {
            InodeRecord record = layer.inode(ref);
            if (!record.isDirectory() && nodes.referenceStub(inode, parent.inode, name)) {
                return Node.attributes(inode, record);
            }
        }
        return nodes.reference(nodeOf(parent, name, inode, layer, ref)).attributes();
    }

    /** Keeps memory small. Wants no lock, and waits for it only when nothing else helps. */
    void trimNodes() {
        if (!nodes.isCrowded()) {
            return;
        }
        if (nodes.isOverfull()) {
            namespaceLock.writeLock().lock();
        } else if (!namespaceLock.writeLock().tryLock()) {
            return;
        }
        try {
            nodes.trim();
        } finally {
            namespaceLock.writeLock().unlock();
        }
    }

    /** Takes what memory knows of where files' bytes are. */
    public interface PlaceSink {
        void extent(DeviceExtent extent);

        /** All that an image names: it has not been asked about one file yet. */
        void image(ImageLayer image);
    }

    /**
     * Forgets where the bytes of idle files are, and tells where those of the others are. When it
     * has returned, a data map of an earlier stack can come from the others alone. Wants no lock.
     */
    public void forgetIdle(PlaceSink others) {
        namespaceLock.writeLock().lock();
        try {
            nodes.forgetIdle().forEach(node -> node.places(others));
        } finally {
            namespaceLock.writeLock().unlock();
        }
    }

    /**
     * Device ranges are about to be given back: a read under way with a map of before must look
     * whether that is still the file's.
     */
    public void givingBack() {
        givenBack.incrementAndGet();
    }

    /** Moves whenever device ranges are given back. Wants no lock. */
    int givenBack() {
        return givenBack.get();
    }

    /** The directory's parts in every layer that may hold something of it. */
    MergedDirectory merged(Node directory) throws IOException {
        if (directory.removed) {
            return MergedDirectory.EMPTY;
        }
        Node.Lower parts = parts(directory);
        // N2: the active layer holds nothing of a directory that it does not describe, so that
        // looking up what is archived asks the catalog nothing.
        return directory.recordLayer() == activeLayer() ? parts.withActive() : parts.directory();
    }

    /** The directory's parts below the active layer; the same as long as the stack is. */
    MergedDirectory lower(Node directory) throws IOException {
        return parts(directory).directory();
    }

    private Node.Lower parts(Node directory) throws IOException {
        Node.Lower known = directory.lower;
        LayerStack now = stack;
        if (known != null && known.stackVersion() == now.version()) {
            return known;
        }
        MergedDirectory lower = resolveLower(directory, now);
        List<Part> all = new ArrayList<>(lower.parts().size() + 1);
        all.add(new Part(0, active(), directory.inode));
        all.addAll(lower.parts());
        Node.Lower found = new Node.Lower(now.version(), lower, new MergedDirectory(all));
        directory.lower = found;
        return found;
    }

    private MergedDirectory resolveLower(Node directory, LayerStack now) throws IOException {
        if (directory.inode == FileSystem.ROOT_INODE) {
            return now.root(1);
        }
        Origin origin =
                directory.recordLayer() == activeLayer()
                        ? directory.record().origin()
                        : Origin.SAME;
        return switch (origin) {
            case Origin.None _ -> MergedDirectory.EMPTY;
            case Origin.Path path -> now.path(1, path.absolute());
            case Origin.Same _ ->
                    now.child(lower(directory(directory.parent)), directory.name)
                                    instanceof Resolution.Present present
                            ? present.directory()
                            : MergedDirectory.EMPTY;
        };
    }

    /**
     * Whether a name shows in the layers below the active one: removing it there takes a whiteout.
     */
    boolean existsBelow(Node directory, byte[] name) throws IOException {
        return stack.child(lower(directory), name) instanceof Resolution.Present;
    }

    /** Absolute path of a directory in the merged view of the layers below the active one. */
    byte[] lowerPath(Node directory) throws IOException {
        if (directory.inode == FileSystem.ROOT_INODE) {
            return new byte[0];
        }
        if (directory.recordLayer() == activeLayer()
                && directory.record().origin() instanceof Origin.Path path) {
            return path.absolute();
        }
        ByteArrayOutputStream path = new ByteArrayOutputStream();
        path.writeBytes(lowerPath(directory(directory.parent)));
        path.write('/');
        path.writeBytes(directory.name);
        return path.toByteArray();
    }

    /** Path from the root, without a slash in front; empty for what has no name. */
    byte[] path(Node node) throws IOException {
        if (node.removed || node.inode == FileSystem.ROOT_INODE) {
            return new byte[0];
        }
        byte[] parent = path(directory(node.parent));
        ByteArrayOutputStream path = new ByteArrayOutputStream();
        if (parent.length > 0) {
            path.writeBytes(parent);
            path.write('/');
        }
        path.writeBytes(node.name);
        return path.toByteArray();
    }

    /** Present names of an inode. */
    List<LinkName> names(Node node) throws IOException {
        List<LinkName> names = catalog.names(node.inode);
        return names.isEmpty() ? List.of(new LinkName(node.parent, node.name)) : names;
    }

    /** Follows a file whose upper layer has become an image; anything else stays as it is. */
    void refresh(Node node) throws IOException {
        if (node.recordLayer() == Node.IN_IMAGE || node.removed || isUpper(node.recordLayer())) {
            return;
        }
        if (node.inode == FileSystem.ROOT_INODE) {
            return;
        }
        LinkName recorded = catalog.anyName(node.inode, null);
        LinkName name = recorded != null ? recorded : new LinkName(node.parent, node.name);
        if (stack.child(merged(directory(name.parent())), name.name())
                        instanceof Resolution.Present present
                && present.layer() instanceof ImageLayer image
                && present.inodeNumber() == node.inode) {
            node.moveToImage(image.inode(present.ref()), image, present.ref());
            return;
        }
        throw new IOException("inode " + node.inode + " is in no layer of the stack");
    }
}

package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.ReferenceSink;
import io.arcfs.overlay.namespace.KnownInode.Stub;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The inodes that are known by number: nodes that are open, unsynced or were asked for lately, and
 * stubs of all others that the kernel refers to, so that a million of them take little memory.
 *
 * <p>Finding a node takes no lock and allocates nothing. Reference counts change under the node's
 * monitor, the table under its own; whoever wants both takes the table's first. Nodes become stubs
 * in {@link #trim} alone, with {@code namespaceLock} held for writing: whoever works with a node
 * holds that lock, or has the node open.
 *
 * <p>Thread-safe.
 */
final class NodeTable {
    /** Nodes beyond this many are made stubs; the tests keep few, so that each becomes one. */
    private static final int NODES_KEPT = Integer.getInteger("arcfs.overlay.nodesKept", 32_768);

    /** So many more come before the next {@link #trim} if one has found too few to take. */
    private static final int NODES_BETWEEN = Math.max(1, NODES_KEPT / 512);

    /** Bounds how long one {@link #trim} holds everybody up. */
    private static final int BUCKETS_LOOKED_AT = 8192;

    private static final int SMALLEST = 1024;

    private volatile AtomicReferenceArray<@Nullable KnownInode> buckets =
            new AtomicReferenceArray<>(SMALLEST);

    private int entries;

    /** Read without the lock, as a hint. */
    private volatile int nodes;

    private int hand;

    /** Read without the lock, as a hint. */
    private volatile int crowd = NODES_KEPT;

    /** The node of a number, or null: there may be a stub, or it is just being moved. */
    @Nullable Node get(long inode) {
        if (find(inode) instanceof Node node) {
            if (!node.used) {
                node.used = true;
            }
            return node;
        }
        return null;
    }

    private @Nullable KnownInode find(long inode) {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        KnownInode entry = now.get(slot((int) inode, now.length()));
        while (entry != null && entry.number != (int) inode) {
            entry = entry.next;
        }
        return entry;
    }

    private static int slot(int number, int length) {
        int mixed = number * 0x9E3779B1;
        return (mixed ^ mixed >>> 15) & length - 1;
    }

    /** What the table has for a number, seen while nothing moves. */
    synchronized @Nullable KnownInode known(long inode) {
        return find(inode);
    }

    /** Adds a node, in place of its stub if there is one, or gives the node that came first. */
    synchronized Node add(Node node) {
        KnownInode known = find(node.inode);
        if (known instanceof Node first) {
            return first;
        }
        if (known instanceof Stub stub) {
            remove(stub);
            synchronized (node) {
                node.lookups = stub.lookups();
            }
        }
        node.used = true;
        insert(node);
        nodes++;
        return node;
    }

    private void insert(KnownInode entry) {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        if (entries >= now.length()) {
            now = grown(now);
            buckets = now;
        }
        int slot = slot(entry.number, now.length());
        entry.next = now.get(slot);
        now.set(slot, entry);
        entries++;
    }

    /**
     * Twice as many buckets. A reader of the old ones may be led astray and miss an entry, never
     * round in a circle: an entry that was moved leads to entries moved before it only.
     */
    private static AtomicReferenceArray<@Nullable KnownInode> grown(
            AtomicReferenceArray<@Nullable KnownInode> from) {
        AtomicReferenceArray<@Nullable KnownInode> to =
                new AtomicReferenceArray<>(from.length() * 2);
        for (int i = 0; i < from.length(); i++) {
            for (KnownInode entry = from.get(i); entry != null; ) {
                KnownInode following = entry.next;
                int slot = slot(entry.number, to.length());
                entry.next = to.get(slot);
                to.set(slot, entry);
                entry = following;
            }
        }
        return to;
    }

    /** Takes an entry out; whoever stands on it just now still finds the way on. */
    @SuppressWarnings("ReferenceEquality") // this very entry, not another one of its inode
    private synchronized void remove(KnownInode gone) {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        int slot = slot(gone.number, now.length());
        KnownInode before = null;
        for (KnownInode entry = now.get(slot); entry != null; entry = entry.next) {
            if (entry == gone) {
                if (before == null) {
                    now.set(slot, gone.next);
                } else {
                    before.next = gone.next;
                }
                entries--;
                if (gone instanceof Node) {
                    nodes--;
                }
                return;
            }
            before = entry;
        }
    }

    /** Takes a lookup reference; gives the node that counts it. Wants {@code namespaceLock}. */
    Node reference(Node node) {
        return reference(node, 1);
    }

    /**
     * Takes a lookup reference without a node; makes a stub if nothing is known of the inode. Wants
     * {@code namespaceLock}.
     *
     * @return false if there is a node, which has to count it
     */
    synchronized boolean referenceStub(long inode, long parent, byte[] name) {
        KnownInode known = find(inode);
        if (known instanceof Stub stub) {
            return stub.reference();
        }
        if (known != null) {
            return false;
        }
        insert(new Stub(inode, parent, name, 1));
        return true;
    }

    /** Takes lookup references; gives the node that counts them. Wants {@code namespaceLock}. */
    Node reference(Node node, long references) {
        Node counted = present(node);
        synchronized (counted) {
            counted.lookups += references;
        }
        return counted;
    }

    /** Counts an open handle; gives the node that counts it. Wants {@code namespaceLock}. */
    Node opened(Node node) {
        Node counted = present(node);
        synchronized (counted) {
            counted.opens++;
        }
        return counted;
    }

    private Node present(Node node) {
        Node known = get(node.inode);
        return known != null ? known : add(node);
    }

    /** Every inode in use that has a name, the directories it lies in before it. */
    synchronized void references(ReferenceSink sink) {
        Set<KnownInode> told = new HashSet<>();
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        for (int i = 0; i < now.length(); i++) {
            for (KnownInode entry = now.get(i); entry != null; entry = entry.next) {
                if (entry instanceof Stub || (entry instanceof Node node && node.isReferenced())) {
                    tell(entry, sink, told);
                }
            }
        }
    }

    private void tell(KnownInode entry, ReferenceSink sink, Set<KnownInode> told) {
        switch (entry) {
            case Stub stub -> {
                if (told.add(stub)) {
                    tellParent(stub.parent(), sink, told);
                    sink.reference(stub.inode(), stub.parent(), stub.name(), stub.lookups());
                }
            }
            case Node node -> {
                if (!node.removed && node.inode != FileSystem.ROOT_INODE && told.add(node)) {
                    tellParent(node.parent, sink, told);
                    sink.reference(node.inode, node.parent, node.name, node.lookups);
                }
            }
            default -> throw new AssertionError(entry);
        }
    }

    private void tellParent(long parent, ReferenceSink sink, Set<KnownInode> told) {
        KnownInode known = find(parent);
        if (known != null) {
            tell(known, sink, told);
        }
    }

    /** Gives back lookup references. Wants {@code namespaceLock}. */
    void forget(long inode, long references) {
        if (find(inode) instanceof Node node) {
            node.forget(references);
            dropIfGone(node);
        } else {
            forgetMoved(inode, references);
        }
    }

    private synchronized void forgetMoved(long inode, long references) {
        KnownInode known = find(inode);
        if (known instanceof Stub stub) {
            if (stub.forget(references)) {
                remove(stub);
            }
        } else if (known instanceof Node node) {
            // It was moved while its bucket was read.
            node.forget(references);
            dropIfGone(node);
        }
    }

    /** Wants {@code namespaceLock}. */
    synchronized void forgetAll() {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        for (int i = 0; i < now.length(); i++) {
            for (KnownInode entry = now.get(i); entry != null; entry = entry.next) {
                if (entry instanceof Node node) {
                    node.forget(Long.MAX_VALUE);
                    dropIfGone(node);
                } else {
                    remove(entry);
                }
            }
        }
    }

    /** Returns whether this was the last open handle. */
    boolean closed(Node node) {
        boolean last;
        synchronized (node) {
            last = --node.opens == 0;
        }
        dropIfGone(node);
        return last;
    }

    /** An inode without names that nobody refers to is forgotten at once. */
    private void dropIfGone(Node node) {
        if (node.removed) {
            synchronized (this) {
                if (!node.isReferenced()) {
                    remove(node);
                }
            }
        }
    }

    /** Whether nodes should not be made of inodes that nobody has asked for. */
    boolean isFull() {
        return nodes >= NODES_KEPT;
    }

    /** Whether there are enough nodes to {@link #trim} some. */
    boolean isCrowded() {
        return nodes > crowd;
    }

    /** Whether trimming has waited for too long. */
    boolean isOverfull() {
        return nodes > 2 * NODES_KEPT;
    }

    /**
     * Makes stubs of some nodes that nobody has asked for lately. Wants {@code namespaceLock} for
     * writing.
     */
    synchronized void trim() {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        for (int i = 0; i < Math.min(BUCKETS_LOOKED_AT, now.length()); i++) {
            hand = hand + 1 & now.length() - 1;
            for (KnownInode entry = now.get(hand); entry != null; entry = entry.next) {
                if (entry instanceof Node node) {
                    trim(node);
                }
            }
        }
        crowd = Math.max(NODES_KEPT, nodes + NODES_BETWEEN);
    }

    /**
     * Makes stubs of all nodes that are idle, and gives those that are not. Wants {@code
     * namespaceLock} for writing: then nobody works with an idle one.
     */
    synchronized List<Node> forgetIdle() {
        List<Node> kept = new ArrayList<>();
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        for (int i = 0; i < now.length(); i++) {
            for (KnownInode entry = now.get(i); entry != null; entry = entry.next) {
                if (entry instanceof Node node) {
                    node.used = false;
                    trim(node);
                    if (find(node.inode) instanceof Node stays) {
                        kept.add(stays);
                    }
                }
            }
        }
        return kept;
    }

    private void trim(Node node) {
        synchronized (node) {
            if (node.removed) {
                if (!node.isReferenced()) {
                    remove(node);
                }
            } else if (node.used) {
                node.used = false;
            } else if (node.inode != FileSystem.ROOT_INODE
                    && node.lookups <= Integer.MAX_VALUE
                    && node.isIdle()) {
                remove(node);
                if (node.lookups > 0) {
                    insert(new Stub(node.inode, node.parent, node.name, (int) node.lookups));
                }
            }
        }
    }
}

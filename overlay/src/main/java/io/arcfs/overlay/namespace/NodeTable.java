package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.namespace.KnownInode.Stub;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The inodes that are known by number: nodes that are open, unsynced or were asked for lately, and
 * stubs of all others that the kernel refers to, so that a million of them take little memory.
 *
 * <p>Finding a node takes no lock and allocates nothing. Counts change under the node's monitor, the
 * table under its own. Nodes become stubs in {@link #trim} alone, with {@code namespaceLock} held for
 * writing: whoever works with a node holds that lock, or has it open.
 *
 * <p>Thread-safe.
 */
final class NodeTable {
    /** Nodes beyond this many are made stubs, least recently used first. */
    static final int NODES_KEPT = 32_768;

    private static final int TRIMMED_AT_ONCE = 4096;
    private static final int SMALLEST = 1024;

    private volatile AtomicReferenceArray<@Nullable KnownInode> buckets =
            new AtomicReferenceArray<>(SMALLEST);

    private int entries;

    /** Read without the lock, as a hint. */
    private int nodes;

    private int hand;

    /** The node of a number, or null: there may be a stub, or it is just being moved. */
    @Nullable Node get(long inode) {
        if (find(inode) instanceof Node node) {
            node.used = true;
            return node;
        }
        return null;
    }

    private @Nullable KnownInode find(long inode) {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        KnownInode entry = now.get(slot(inode, now.length()));
        while (entry != null && entry.number != (int) inode) {
            entry = entry.next;
        }
        return entry;
    }

    private static int slot(long inode, int length) {
        int mixed = (int) inode * 0x9E3779B1;
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
            node.lookups = stub.lookups;
        }
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
    private void remove(KnownInode gone) {
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
        Node counted = present(node);
        synchronized (counted) {
            counted.lookups++;
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

    /** Gives back lookup references. Wants {@code namespaceLock}. */
    void forget(long inode, long references) {
        KnownInode known = find(inode);
        if (known instanceof Node node) {
            synchronized (node) {
                node.lookups = Math.max(0, node.lookups - references);
            }
            dropIfGone(node);
        } else {
            forgetStub(inode, references);
        }
    }

    private synchronized void forgetStub(long inode, long references) {
        KnownInode known = find(inode);
        if (known instanceof Stub stub) {
            stub.lookups -= references;
            if (stub.lookups <= 0) {
                remove(stub);
            }
        } else if (known instanceof Node node) {
            // It was moved while the bucket was read.
            synchronized (node) {
                node.lookups = Math.max(0, node.lookups - references);
            }
        }
    }

    /** Wants {@code namespaceLock}. */
    synchronized void forgetAll() {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        for (int i = 0; i < now.length(); i++) {
            for (KnownInode entry = now.get(i); entry != null; entry = entry.next) {
                if (entry instanceof Node node) {
                    synchronized (node) {
                        node.lookups = 0;
                    }
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
        if (!node.removed) {
            return;
        }
        synchronized (this) {
            if (node.removed && node.isIdle() && node.lookups == 0) {
                remove(node);
            }
        }
    }

    /** Whether there are enough nodes to {@link #trim} some. */
    boolean isCrowded() {
        return nodes > NODES_KEPT;
    }

    /**
     * Makes stubs of nodes that nobody has asked for lately. Wants {@code namespaceLock} for
     * writing.
     */
    synchronized void trim() {
        AtomicReferenceArray<@Nullable KnownInode> now = buckets;
        int trimmed = 0;
        for (int looked = 0; looked < 2 * now.length() && trimmed < TRIMMED_AT_ONCE; looked++) {
            hand = hand + 1 & now.length() - 1;
            for (KnownInode entry = now.get(hand); entry != null; entry = entry.next) {
                if (entry instanceof Node node && isIdle(node)) {
                    if (node.used) {
                        node.used = false;
                    } else {
                        makeStub(node);
                        trimmed++;
                    }
                }
            }
        }
    }

    private static boolean isIdle(Node node) {
        return node.inode != FileSystem.ROOT_INODE && !node.removed && node.isIdle();
    }

    private void makeStub(Node node) {
        remove(node);
        if (node.lookups > 0) {
            insert(new Stub(node));
        }
    }
}

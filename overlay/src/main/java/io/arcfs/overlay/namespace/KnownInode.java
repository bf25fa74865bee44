package io.arcfs.overlay.namespace;

import org.jspecify.annotations.Nullable;

/**
 * An entry of the node table: a node, or the little that is kept of an inode which the kernel still
 * refers to and nobody has asked for lately.
 */
abstract class KnownInode {
    /** The inode's number; 32 bits. */
    final int number;

    /** The next entry of the table's bucket. */
    volatile @Nullable KnownInode next;

    KnownInode(long inode) {
        this.number = (int) inode;
    }

    /** Where a node can be made again. Guarded by the node table. */
    static final class Stub extends KnownInode {
        final int parent;
        final byte[] name;
        long lookups;

        Stub(Node node) {
            super(node.inode);
            this.parent = (int) node.parent;
            this.name = node.name;
            this.lookups = node.lookups;
        }
    }
}

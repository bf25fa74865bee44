package io.arcfs.overlay.namespace;

import org.jspecify.annotations.Nullable;

/**
 * An entry of the node table: a node, or the little that is kept of an inode which the kernel still
 * refers to and nobody has asked for lately.
 */
abstract class KnownInode {
    /** The inode's number; 32 bits. */
    final int number;

    /** The next entry of the table's bucket. Changed by the table only. */
    volatile @Nullable KnownInode next;

    KnownInode(long inode) {
        this.number = (int) inode;
    }

    /** Where a node can be made again. Guarded by the node table. */
    static final class Stub extends KnownInode {
        private final int parent;
        private final byte[] name;
        private long lookups;

        /** Of a node that stands in the table; the caller holds the node's monitor. */
        Stub(Node node) {
            super(node.inode);
            this.parent = (int) node.parent;
            this.name = node.name;
            this.lookups = node.lookups;
        }

        long inode() {
            return number & 0xFFFF_FFFFL;
        }

        long parent() {
            return parent & 0xFFFF_FFFFL;
        }

        byte[] name() {
            return name;
        }

        long lookups() {
            return lookups;
        }

        /** Gives references back; returns whether none is left. */
        boolean forget(long references) {
            lookups = Math.max(0, lookups - references);
            return lookups == 0;
        }
    }
}

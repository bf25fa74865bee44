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

    /** Where a node can be made again, in 32 bytes and the name. Guarded by the node table. */
    static final class Stub extends KnownInode {
        private final int parent;
        private final byte[] name;
        private int lookups;

        Stub(long inode, long parent, byte[] name, int lookups) {
            super(inode);
            this.parent = (int) parent;
            this.name = name;
            this.lookups = lookups;
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

        /** Takes a reference; false if a stub cannot count so many. */
        boolean reference() {
            if (lookups == Integer.MAX_VALUE) {
                return false;
            }
            lookups++;
            return true;
        }

        /** Gives references back; returns whether none is left. */
        boolean forget(long references) {
            lookups = (int) Math.max(0, lookups - references);
            return lookups == 0;
        }
    }
}

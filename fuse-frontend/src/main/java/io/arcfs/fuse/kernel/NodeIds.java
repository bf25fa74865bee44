package io.arcfs.fuse.kernel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The numbers by which the kernel knows inodes: the inode number, and above its 32 bits an epoch
 * that is 0 for nearly all of them.
 *
 * <p>The kernel fixes how an inode is read when it is first opened. Where that stands in the way of
 * another open, the inode gets a new epoch: an open answered with ESTALE is looked up again, and
 * finds an inode that the kernel has never seen. Handles that are open keep the old one. Two kernel
 * inodes of one file know nothing of each other, so attributes of such an inode are never cached,
 * nor its pages.
 *
 * <p>Thread-safe; costs one volatile read while there is no such inode.
 */
final class NodeIds {
    private static final long INODE_MASK = 0xffff_ffffL;

    private final Map<Long, Integer> epochs = new ConcurrentHashMap<>();
    private volatile boolean any;

    /** The inode that a node id stands for. */
    static long inodeOf(long nodeId) {
        return nodeId & INODE_MASK;
    }

    /** What new lookups of an inode are answered with. */
    long current(long inode) {
        Integer epoch = any ? epochs.get(inode) : null;
        return epoch == null ? inode : inode | (long) epoch << Integer.SIZE;
    }

    /** Whether the kernel may know the inode by more than one number. */
    boolean isAliased(long inode) {
        return any && epochs.containsKey(inode);
    }

    /** Makes sure that new lookups are not answered with {@code nodeId} any more. */
    void retire(long nodeId) {
        any = true;
        epochs.compute(
                inodeOf(nodeId),
                (inode, epoch) -> {
                    int now = epoch == null ? 0 : epoch;
                    return now == (int) (nodeId >>> Integer.SIZE) ? now + 1 : now;
                });
    }

    /** Epochs by inode, where they are not 0. */
    Map<Long, Integer> epochs() {
        return Map.copyOf(epochs);
    }

    void restore(Map<Long, Integer> known) {
        epochs.putAll(known);
        any = !epochs.isEmpty();
    }
}

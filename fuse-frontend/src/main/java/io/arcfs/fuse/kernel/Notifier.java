package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.device.WaitPoint;
import io.arcfs.fuse.abi.FuseCalls;
import io.arcfs.fuse.kernel.FileOpens.InodeOpens;
import io.arcfs.posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the kernel that it must forget something it cached. Confined to its reader.
 *
 * <p>The kernel may have to wait for a page that another request is to fill, so a notification is a
 * {@link WaitPoint}: somebody else goes on reading requests.
 */
final class Notifier {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    /** {@code FUSE_NOTIFY_INVAL_INODE}, in the place of the error. */
    private static final int INVAL_INODE = 2;

    /** A negative offset: no pages at all. */
    private static final long NO_PAGES = -1;

    /** A length that stands for all that follows. */
    private static final long TO_THE_END = 0;

    /** {@code FUSE_NOTIFY_RESEND}: no body. */
    private static final int RESEND = 7;

    static final int INVAL_INODE_BYTES = Buffers.OUT_HEADER_BYTES + 3 * Long.BYTES;

    private final FuseCalls calls;
    private final int descriptor;
    private final MemorySegment message;

    Notifier(FuseCalls calls, int descriptor, Arena arena) {
        this.calls = calls;
        this.descriptor = descriptor;
        this.message = arena.allocate(INVAL_INODE_BYTES, Long.BYTES);
    }

    /** Cached attributes are stale. */
    void invalidateAttributes(long nodeId) {
        invalidate(nodeId, NO_PAGES, 0);
    }

    /** Cached attributes and all cached pages of these kernel inodes are stale. */
    void invalidateAll(InodeOpens[] inodes) {
        for (InodeOpens opens : inodes) {
            invalidate(opens.nodeId(), 0, TO_THE_END);
        }
    }

    /** Cached attributes, and the cached pages of a range, are stale. */
    void invalidate(long nodeId, long offset, long length) {
        WaitPoint.enter();
        encodeInvalidation(message, nodeId, offset, length);
        long result = calls.write(descriptor, message.address(), INVAL_INODE_BYTES);
        if (result < 0 && Errno.of((int) -result) != Errno.ENOENT) {
            // ENOENT: the kernel does not know the inode, so it caches nothing of it
            LOG.warn("invalidation failed node={} errno={}", nodeId, Errno.of((int) -result));
        }
    }

    /** Every request that was read and not answered comes again, to whoever reads now. */
    void resend() {
        message.set(JAVA_INT, 0, Buffers.OUT_HEADER_BYTES);
        message.set(JAVA_INT, 4, RESEND);
        message.set(JAVA_LONG, 8, 0);
        long result = calls.write(descriptor, message.address(), Buffers.OUT_HEADER_BYTES);
        if (result < 0) {
            LOG.warn("requests under way were lost errno={}", Errno.of((int) -result));
        }
    }

    /** {@code fuse_notify_inval_inode_out} behind its header. */
    static void encodeInvalidation(MemorySegment out, long nodeId, long offset, long length) {
        out.set(JAVA_INT, 0, INVAL_INODE_BYTES);
        out.set(JAVA_INT, 4, INVAL_INODE);
        out.set(JAVA_LONG, 8, 0);
        out.set(JAVA_LONG, 16, nodeId);
        out.set(JAVA_LONG, 24, offset);
        out.set(JAVA_LONG, 32, length);
    }
}

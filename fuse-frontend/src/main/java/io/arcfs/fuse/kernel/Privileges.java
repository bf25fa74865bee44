package io.arcfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.FileStatus;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes from a file that is written what let its old content run with more rights: set-user-ID and
 * set-group-ID when the kernel says so, file capabilities always (FUSE_HANDLE_KILLPRIV_V2).
 *
 * <p>A handle looks for capabilities once, and again only after some file was given any: the cost
 * of a usual write is one comparison. Thread-safe.
 */
final class Privileges {
    /** Before every version. */
    static final long NEVER = -1;

    private static final byte[] CAPABILITIES = "security.capability".getBytes(UTF_8);

    private static final int SET_USER = 04000;
    private static final int SET_GROUP = 02000;
    private static final int GROUP_EXECUTE = 010;
    private static final int PERMISSION_BITS = 07777;

    private final FileSystem fileSystem;
    private final AtomicLong version = new AtomicLong();

    Privileges(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    /** To be called after an attribute was set. */
    void xattrSet(byte[] name) {
        if (Arrays.equals(name, CAPABILITIES)) {
            version.incrementAndGet();
        }
    }

    /**
     * Makes a handle's file ready to be written.
     *
     * @param killBits the kernel says that the writer may not keep set-user-ID and set-group-ID
     */
    void beforeWrite(FileHandle handle, boolean killBits) throws FsException {
        long current = version.get();
        if (handle.cleanVersion() != current) {
            removeCapabilities(handle.file().inode());
            handle.cleanAt(current);
        }
        if (killBits) {
            takeBits(handle.file().attributes());
        }
    }

    /** A file was emptied or resized without a handle. */
    void resized(long inode, boolean killBits) throws FsException {
        removeCapabilities(inode);
        if (killBits) {
            takeBits(fileSystem.getattr(inode));
        }
    }

    /** A file has another owner or group; of directories such bits mean something else. */
    Attributes givenAway(Attributes attributes) throws FsException {
        if ((attributes.mode() & FileStatus.S_IFMT) == FileStatus.S_IFDIR) {
            return attributes;
        }
        removeCapabilities(attributes.inode());
        return takeBits(attributes);
    }

    /** Without group execution, set-group-ID means something else and stays. */
    private Attributes takeBits(Attributes attributes) throws FsException {
        int mode = attributes.mode();
        int group = (mode & GROUP_EXECUTE) != 0 ? mode & SET_GROUP : 0;
        int lost = (mode & SET_USER) | group;
        return lost == 0
                ? attributes
                : fileSystem.setattr(
                        attributes.inode(),
                        AttributeChange.ofPermissions(mode & PERMISSION_BITS & ~lost));
    }

    /** An ACL was set by somebody outside of the file's group. */
    void takeSetGroup(long inode) throws FsException {
        int mode = fileSystem.getattr(inode).mode();
        if ((mode & SET_GROUP) != 0) {
            fileSystem.setattr(
                    inode, AttributeChange.ofPermissions(mode & PERMISSION_BITS & ~SET_GROUP));
        }
    }

    private void removeCapabilities(long inode) throws FsException {
        if (fileSystem.getxattr(inode, CAPABILITIES) == null) {
            return;
        }
        try {
            fileSystem.removexattr(inode, CAPABILITIES);
        } catch (FsException e) {
            if (e.reason() != Reason.NO_ATTRIBUTE) {
                throw e;
            }
            // another writer was faster
        }
    }
}

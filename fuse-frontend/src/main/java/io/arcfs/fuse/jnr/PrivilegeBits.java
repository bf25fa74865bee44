package io.arcfs.fuse.jnr;

import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FsException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes set-user-ID and set-group-ID away from a file that somebody else than root writes, as POSIX
 * has it. The kernel leaves that to the server for direct writes.
 *
 * <p>A handle looks once, and again only after some file was given such bits: the cost of a usual
 * write is one comparison. Thread-safe.
 */
final class PrivilegeBits {
    /** Before every version. */
    static final long NEVER = -1;

    private static final int SET_USER = 04000;
    private static final int SET_GROUP = 02000;
    private static final int GROUP_EXECUTE = 010;
    private static final int PERMISSION_BITS = 07777;

    private final FileSystem fileSystem;
    private final AtomicLong version = new AtomicLong();

    PrivilegeBits(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    /** Changes whenever any file may have got such bits. */
    long version() {
        return version.get();
    }

    /** To be called after a file was given a mode. */
    void given(int mode) {
        if ((mode & (SET_USER | SET_GROUP)) != 0) {
            version.incrementAndGet();
        }
    }

    /** Makes a handle's file ready to be written by {@code uid}. */
    void beforeWrite(FileHandle handle, int uid) throws FsException {
        long current = version.get();
        Attributes attributes = handle.file().attributes();
        if (lost(attributes.mode()) == 0) {
            handle.cleanAt(current);
        } else {
            takeFrom(attributes, uid);
        }
    }

    /** Takes the bits from a file that {@code uid} empties or writes. */
    void takeFrom(Attributes attributes, int uid) throws FsException {
        int lost = lost(attributes.mode());
        if (uid != 0 && lost != 0) {
            int permissions = attributes.mode() & PERMISSION_BITS & ~lost;
            fileSystem.setattr(attributes.inode(), AttributeChange.ofPermissions(permissions));
        }
    }

    /** Without group execution, set-group-ID means something else and stays. */
    private static int lost(int mode) {
        int group = (mode & GROUP_EXECUTE) != 0 ? mode & SET_GROUP : 0;
        return (mode & SET_USER) | group;
    }
}

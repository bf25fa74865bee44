package io.arcfs.overlay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file operations that a transport serves, by inode number and byte name. Every transport sits
 * below this interface; it knows neither FUSE structures nor errno.
 *
 * <p>An inode number is valid for a caller while it holds a lookup reference (see {@link #lookup})
 * or an open file of it; {@link #ROOT_INODE} always is. Permission checks are the kernel's
 * (default_permissions); what append-only forbids is refused here.
 *
 * <p>Thread-safe.
 */
public interface FileSystem {
    long ROOT_INODE = 1;

    /** Longest name in bytes. */
    int NAME_MAX = 255;

    /**
     * Finds a name in a directory. A result takes one lookup reference on its inode, given back by
     * {@link #forget}; so do the attributes returned by the operations that make a name.
     *
     * @return null if the name does not exist: the commonest answer of a file system, so not an
     *     exception
     */
    @Nullable Attributes lookup(long parent, byte[] name) throws FsException;

    /** Gives back lookup references. */
    void forget(long inode, long references);

    /** Gives back every lookup reference there is: whoever held them is gone. */
    void forgetAll();

    /**
     * Tells every inode that holds lookup references or is open, and has a name; what it lies in
     * comes before it. A successor has to {@link #adopt} them.
     */
    void references(ReferenceSink sink);

    /**
     * Takes lookup references that were held when somebody else served these inodes.
     *
     * @return false, and nothing was taken, if the name does not lead to the inode
     */
    boolean adopt(long inode, long parent, byte[] name, long references) throws FsException;

    Attributes getattr(long inode) throws FsException;

    /** Changes what {@code change} names, atomically. */
    Attributes setattr(long inode, AttributeChange change) throws FsException;

    byte[] readlink(long inode) throws FsException;

    /**
     * Makes a directory. Here and in the other calls that make an inode, {@code mode} is what the
     * program asked for: the caller's umask, or in its place the default ACL of the parent, is
     * applied here.
     */
    Attributes mkdir(long parent, byte[] name, int mode, Caller caller) throws FsException;

    /** Makes a FIFO, socket, device or empty regular file; {@code mode} holds the type. */
    Attributes mknod(long parent, byte[] name, int mode, int rdev, Caller caller)
            throws FsException;

    Attributes symlink(long parent, byte[] name, byte[] target, Caller caller) throws FsException;

    Attributes link(long inode, long newParent, byte[] newName) throws FsException;

    void unlink(long parent, byte[] name) throws FsException;

    void rmdir(long parent, byte[] name) throws FsException;

    void rename(long parent, byte[] name, long newParent, byte[] newName, RenameMode mode)
            throws FsException;

    OpenFile open(long inode, OpenMode mode) throws FsException;

    /**
     * Makes and opens a regular file; EXISTS if the name is taken. The attributes of the new file
     * hold a lookup reference.
     */
    Created create(long parent, byte[] name, int mode, OpenMode openMode, Caller caller)
            throws FsException;

    /**
     * Makes and opens a regular file without a name, owned as a file made in {@code parent} would
     * be. {@link #link} can name it while it is open; else it goes with its last handle. The
     * attributes hold a lookup reference.
     */
    Created tmpfile(long parent, int mode, OpenMode openMode, Caller caller) throws FsException;

    OpenDirectory openDirectory(long inode) throws FsException;

    /** The value, or null if there is no such attribute. */
    byte @Nullable [] getxattr(long inode, byte[] name) throws FsException;

    List<byte[]> listxattr(long inode) throws FsException;

    /**
     * Sets an attribute. {@code system.posix_acl_access} and {@code system.posix_acl_default} take
     * the kernel's xattr form of an ACL; an access ACL also moves the mode's permission bits, and
     * is not kept where they say the same.
     */
    void setxattr(long inode, byte[] name, byte[] value, XattrMode mode) throws FsException;

    void removexattr(long inode, byte[] name) throws FsException;

    /**
     * A read of this inode is about to wait for a cold medium.
     *
     * @param pid of the thread that reads, 0 if nobody knows
     * @throws FsException if it shall not
     */
    default void aboutToRecall(long inode, int pid, long bytes) throws FsException {}

    /** Whether cold bytes may be fetched for this thread at all; must be quick. */
    default boolean mayRecall(int pid) {
        return true;
    }

    FileSystemSpace space() throws FsException;

    /** Makes everything that was done before the call durable. */
    void sync() throws FsException;

    /**
     * Who asks: owner of what is made.
     *
     * @param umask permission bits that new inodes do not get; 0 if the kernel has masked already
     */
    record Caller(int uid, int gid, int umask) {}

    /** Takes lookup references one inode at a time. */
    @FunctionalInterface
    interface ReferenceSink {
        void reference(long inode, long parent, byte[] name, long references);
    }

    /** A new file and its handle. */
    record Created(Attributes attributes, OpenFile file) {}

    /** What to do when the target of a rename exists. */
    enum RenameMode {
        REPLACE,
        NOREPLACE,
        EXCHANGE
    }

    /** What to do when an attribute exists or not. */
    enum XattrMode {
        SET,
        CREATE,
        REPLACE
    }

    /** How a file is opened; {@code truncate} starts a new, empty version. */
    record OpenMode(boolean read, boolean write, boolean truncate) {
        public static final OpenMode READ = new OpenMode(true, false, false);
        public static final OpenMode READ_WRITE = new OpenMode(true, true, false);
    }
}

package io.arcfs.fuse.memory;

import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystemSpace;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.OpenFile;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A whole file system in memory, append-only like the real one. It keeps count of lookup
 * references, and forgets an inode without names as soon as the last of them and the last open are
 * gone: a transport that gives back too many meets STALE, one that keeps some is seen in {@link
 * #strayReferences}.
 *
 * <p>Thread-safe: one lock around everything.
 */
public final class MemoryFileSystem implements FileSystem {
    private final Map<Long, MemoryInode> inodes = new HashMap<>();
    private final MemoryInode root =
            new MemoryInode(ROOT_INODE, FileStatus.S_IFDIR | 0755, 0, Storage.inMemory());
    private final long capacityBytes;
    private final LongFunction<Storage> storage;
    private long nextInode = ROOT_INODE + 1;
    private long usedBytes;
    private volatile Observer observer = Observer.NONE;

    public MemoryFileSystem(long capacityBytes) {
        this(capacityBytes, Storage.inMemory());
    }

    /**
     * @param storage where the bytes of an inode go
     */
    public MemoryFileSystem(long capacityBytes, LongFunction<Storage> storage) {
        this.storage = storage;
        root.uid = Posix.getuid();
        this.capacityBytes = capacityBytes;
        inodes.put(root.number, root);
    }

    public void observe(Observer newObserver) {
        observer = newObserver;
    }

    Observer observer() {
        return observer;
    }

    /** Lookup references that nobody gave back. */
    public synchronized long strayReferences() {
        return inodes.values().stream().mapToLong(node -> node.references).sum();
    }

    /** Opens that nobody released. */
    public synchronized int strayOpens() {
        return inodes.values().stream().mapToInt(node -> node.opens).sum();
    }

    public synchronized int inodeCount() {
        return inodes.size();
    }

    @Override
    public synchronized @Nullable Attributes lookup(long parent, byte[] name) throws FsException {
        checkName(name);
        MemoryInode node = directory(parent).entries.get(new Name(name));
        return node == null ? null : referenced(node);
    }

    @Override
    public synchronized void forget(long inode, long references) {
        MemoryInode node = inodes.get(inode);
        if (node == null || node.references < references) {
            throw new IllegalStateException("inode " + inode + " has no such references");
        }
        node.references -= references;
        dropIfUnused(node);
    }

    @Override
    public synchronized void forgetAll() {
        for (MemoryInode node : List.copyOf(inodes.values())) {
            node.references = 0;
            dropIfUnused(node);
        }
    }

    @Override
    public synchronized void references(ReferenceSink sink) {
        tell(root, sink);
    }

    private static void tell(MemoryInode directory, ReferenceSink sink) {
        directory.entries.forEach((name, node) -> {
            if (node.references > 0) {
                sink.reference(node.number, directory.number, name.bytes(), node.references);
            }
            tell(node, sink);
        });
    }

    @Override
    public synchronized boolean adopt(long inode, long parent, byte[] name, long references)
            throws FsException {
        MemoryInode node = directory(parent).entries.get(new Name(name));
        if (node == null || node.number != inode) {
            return false;
        }
        node.references += references;
        return true;
    }

    @Override
    public Attributes getattr(long inode) throws FsException {
        observer.gettingAttributes();
        synchronized (this) {
            return node(inode).attributes();
        }
    }

    @Override
    public synchronized Attributes setattr(long inode, AttributeChange change) throws FsException {
        MemoryInode node = node(inode);
        if (change.size() != null) {
            resize(node, change.size());
        }
        if (change.permissions() != null) {
            MemoryAcls.permit(node, change.permissions());
        }
        if (change.uid() != null) {
            node.uid = change.uid();
        }
        if (change.gid() != null) {
            node.gid = change.gid();
        }
        Instant before = node.atime == null ? node.mtime : node.atime;
        AttributeChange.Time mtime = change.mtime();
        if (mtime != null) {
            node.mtime = instant(mtime);
            node.atime = before;
        }
        AttributeChange.Time atime = change.atime();
        if (atime != null) {
            node.atime = instant(atime);
        }
        node.changed();
        return node.attributes();
    }

    private static Instant instant(AttributeChange.Time time) {
        return time.equals(AttributeChange.Time.NOW)
                ? Instant.now()
                : Instant.ofEpochSecond(time.seconds(), time.nanos());
    }

    void resize(MemoryInode node, long size) throws FsException {
        if (node.isDirectory()) {
            throw new FsException(Reason.IS_DIRECTORY, "a directory has no size to set");
        }
        if (!node.isRegular()) {
            throw new FsException(Reason.INVALID, "not a regular file");
        }
        long before = node.size();
        try {
            node.resize(size);
        } catch (IOException e) {
            throw asFsException(e);
        }
        account(node.size() - before);
    }

    @Override
    public synchronized byte[] readlink(long inode) throws FsException {
        MemoryInode node = node(inode);
        if (node.type != FileStatus.S_IFLNK) {
            throw new FsException(Reason.INVALID, "not a symbolic link");
        }
        return node.target.clone();
    }

    @Override
    public synchronized Attributes mkdir(long parent, byte[] name, int mode, Caller caller)
            throws FsException {
        return referenced(make(parent, name, FileStatus.S_IFDIR | mode, 0, caller));
    }

    @Override
    public synchronized Attributes mknod(
            long parent, byte[] name, int mode, int rdev, Caller caller) throws FsException {
        if ((mode & FileStatus.S_IFMT) == FileStatus.S_IFCHR && rdev == 0) {
            throw new FsException(Reason.NOT_PERMITTED, "a whiteout look-alike");
        }
        return referenced(make(parent, name, mode, rdev, caller));
    }

    @Override
    public synchronized Attributes symlink(long parent, byte[] name, byte[] target, Caller caller)
            throws FsException {
        MemoryInode node = make(parent, name, FileStatus.S_IFLNK | 0777, 0, caller);
        node.target = target.clone();
        return referenced(node);
    }

    @Override
    public synchronized Attributes link(long inode, long newParent, byte[] newName)
            throws FsException {
        MemoryInode node = node(inode);
        if (node.isDirectory()) {
            throw new FsException(Reason.NOT_PERMITTED, "a directory has one name");
        }
        enter(directory(newParent), newName, node);
        node.nlink++;
        node.changed();
        return referenced(node);
    }

    @Override
    public synchronized void unlink(long parent, byte[] name) throws FsException {
        MemoryInode directory = directory(parent);
        MemoryInode node = existing(directory, name);
        if (node.isDirectory()) {
            throw new FsException(Reason.IS_DIRECTORY, "use rmdir");
        }
        remove(directory, name, node);
    }

    @Override
    public synchronized void rmdir(long parent, byte[] name) throws FsException {
        MemoryInode directory = directory(parent);
        MemoryInode node = existing(directory, name);
        if (!node.isDirectory()) {
            throw new FsException(Reason.NOT_DIRECTORY, "use unlink");
        }
        if (!node.entries.isEmpty()) {
            throw new FsException(Reason.NOT_EMPTY, "the directory has entries");
        }
        remove(directory, name, node);
    }

    @Override
    public synchronized void rename(
            long parent, byte[] name, long newParent, byte[] newName, RenameMode mode)
            throws FsException {
        MemoryInode from = directory(parent);
        MemoryInode to = directory(newParent);
        MemoryInode node = existing(from, name);
        checkName(newName);
        MemoryInode replaced = to.entries.get(new Name(newName));
        if (mode == RenameMode.EXCHANGE) {
            throw new FsException(Reason.INVALID, "no exchange here");
        }
        if (replaced == node) {
            return;
        }
        if (replaced != null) {
            if (mode == RenameMode.NOREPLACE) {
                throw new FsException(Reason.EXISTS, "the new name is taken");
            }
            checkReplaceable(node, replaced);
            remove(to, newName, replaced);
        }
        from.entries.remove(new Name(name));
        to.entries.put(new Name(newName.clone()), node);
        from.modified();
        to.modified();
        node.changed();
    }

    private static void checkReplaceable(MemoryInode node, MemoryInode replaced)
            throws FsException {
        if (replaced.isDirectory() != node.isDirectory()) {
            throw replaced.isDirectory()
                    ? new FsException(Reason.IS_DIRECTORY, "the new name is a directory")
                    : new FsException(Reason.NOT_DIRECTORY, "the new name is no directory");
        }
        if (!replaced.entries.isEmpty()) {
            throw new FsException(Reason.NOT_EMPTY, "the directory has entries");
        }
    }

    @Override
    public OpenFile open(long inode, OpenMode mode) throws FsException {
        observer.opening();
        synchronized (this) {
            MemoryInode node = node(inode);
            if (node.isDirectory()) {
                throw new FsException(Reason.IS_DIRECTORY, "open it as a directory");
            }
            if (mode.truncate()) {
                resize(node, 0);
                node.modified();
            }
            node.opens++;
            return new MemoryOpenFile(this, node, mode);
        }
    }

    @Override
    public synchronized Created create(
            long parent, byte[] name, int mode, OpenMode openMode, Caller caller)
            throws FsException {
        MemoryInode node = make(parent, name, FileStatus.S_IFREG | mode, 0, caller);
        node.opens++;
        return new Created(referenced(node), new MemoryOpenFile(this, node, openMode));
    }

    @Override
    public synchronized Created tmpfile(long parent, int mode, OpenMode openMode, Caller caller)
            throws FsException {
        MemoryInode node = inode(directory(parent), FileStatus.S_IFREG | mode, 0, caller);
        node.nlink = 0;
        node.opens++;
        inodes.put(node.number, node);
        return new Created(referenced(node), new MemoryOpenFile(this, node, openMode));
    }

    @Override
    public synchronized OpenDirectory openDirectory(long inode) throws FsException {
        MemoryInode node = directory(inode);
        node.opens++;
        return new MemoryOpenDirectory(this, node);
    }

    @Override
    public synchronized byte @Nullable [] getxattr(long inode, byte[] name) throws FsException {
        byte[] value = node(inode).xattrs.get(new Name(name));
        return value == null ? null : value.clone();
    }

    @Override
    public synchronized List<byte[]> listxattr(long inode) throws FsException {
        List<byte[]> names = new ArrayList<>();
        for (Name name : node(inode).xattrs.keySet()) {
            names.add(name.bytes().clone());
        }
        return names;
    }

    @Override
    public synchronized void setxattr(long inode, byte[] name, byte[] value, XattrMode mode)
            throws FsException {
        MemoryInode node = node(inode);
        boolean exists = node.xattrs.containsKey(new Name(name));
        if (exists && mode == XattrMode.CREATE) {
            throw new FsException(Reason.EXISTS, "the attribute is there");
        }
        if (!exists && mode == XattrMode.REPLACE) {
            throw new FsException(Reason.NO_ATTRIBUTE, "no such attribute");
        }
        if (!MemoryAcls.set(node, name, value)) {
            node.xattrs.put(new Name(name.clone()), value.clone());
        }
        node.changed();
    }

    @Override
    public synchronized void removexattr(long inode, byte[] name) throws FsException {
        MemoryInode node = node(inode);
        if (node.xattrs.remove(new Name(name)) == null) {
            throw new FsException(Reason.NO_ATTRIBUTE, "no such attribute");
        }
        node.changed();
    }

    @Override
    public synchronized FileSystemSpace space() {
        return new FileSystemSpace(capacityBytes, free(), inodes.size(), 1_000_000);
    }

    @Override
    public void sync() throws FsException {
        observer.syncing();
    }

    /** Refuses bytes there is no room for. */
    void admit(long bytes) throws FsException {
        if (bytes > free()) {
            throw new FsException(Reason.NO_SPACE, "the memory file system is full");
        }
    }

    private long free() {
        return Math.max(0, capacityBytes - usedBytes);
    }

    /** Notes that a file grew, or shrank. */
    void account(long bytes) {
        usedBytes += bytes;
    }

    void dropIfUnused(MemoryInode node) {
        if (node.nlink == 0 && node.references == 0 && node.opens == 0) {
            inodes.remove(node.number);
            account(node.isRegular() ? -node.size() : 0);
            try {
                node.drop();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private MemoryInode make(long parent, byte[] name, int mode, int rdev, Caller caller)
            throws FsException {
        MemoryInode directory = directory(parent);
        MemoryInode node = inode(directory, mode, rdev, caller);
        enter(directory, name, node);
        inodes.put(node.number, node);
        return node;
    }

    private MemoryInode inode(MemoryInode directory, int mode, int rdev, Caller caller)
            throws FsException {
        var node = new MemoryInode(nextInode++, mode, rdev, storage);
        node.uid = caller.uid();
        node.gid = caller.gid();
        MemoryAcls.inherit(directory, node, caller.umask());
        return node;
    }

    private static void enter(MemoryInode directory, byte[] name, MemoryInode node)
            throws FsException {
        checkName(name);
        if (directory.nlink == 0) {
            throw new FsException(Reason.NOT_FOUND, "the directory was removed");
        }
        if (directory.entries.putIfAbsent(new Name(name.clone()), node) != null) {
            throw new FsException(Reason.EXISTS, "the name is taken");
        }
        directory.modified();
    }

    private void remove(MemoryInode directory, byte[] name, MemoryInode node) {
        directory.entries.remove(new Name(name));
        directory.modified();
        node.nlink--;
        node.changed();
        dropIfUnused(node);
    }

    private static MemoryInode existing(MemoryInode directory, byte[] name) throws FsException {
        checkName(name);
        MemoryInode node = directory.entries.get(new Name(name));
        if (node == null) {
            throw new FsException(Reason.NOT_FOUND, "no such name");
        }
        return node;
    }

    private static Attributes referenced(MemoryInode node) {
        node.references++;
        return node.attributes();
    }

    private MemoryInode directory(long inode) throws FsException {
        MemoryInode node = node(inode);
        if (!node.isDirectory()) {
            throw new FsException(Reason.NOT_DIRECTORY, "not a directory");
        }
        return node;
    }

    private MemoryInode node(long inode) throws FsException {
        MemoryInode node = inodes.get(inode);
        if (node == null) {
            throw new FsException(Reason.STALE, "no inode " + inode);
        }
        return node;
    }

    private static void checkName(byte[] name) throws FsException {
        if (name.length > NAME_MAX) {
            throw new FsException(Reason.NAME_TOO_LONG, "name of " + name.length + " bytes");
        }
    }

    static FsException asFsException(IOException e) {
        return e instanceof FsException refused
                ? refused
                : new FsException(Reason.IO, String.valueOf(e.getMessage()), e);
    }
}

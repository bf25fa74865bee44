package io.arcfs.overlay.namespace;

import io.arcfs.device.WaitPoint;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.AttributeChange;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystemSpace;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.OpenFile;
import io.arcfs.overlay.RecallGuard;
import io.arcfs.overlay.catalog.Mode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The door for transports: takes the lock, calls the operation, answers with a reason. Thread-safe.
 */
public final class NamespaceFileSystem implements FileSystem {
    private final Namespace namespace;
    private final Tree tree;
    private final NameOperations names;
    private final RenameOperation renames;
    private final AttributeOperations attributes;
    private final FileOperations files;
    private final StateXattrs states;
    private volatile RecallGuard guard = RecallGuard.NONE;

    public NamespaceFileSystem(Namespace namespace, ResidenceSurvey survey) {
        this.namespace = namespace;
        this.tree = namespace.tree();
        this.names = new NameOperations(namespace);
        this.renames = new RenameOperation(namespace, names);
        this.attributes = new AttributeOperations(namespace);
        this.files = new FileOperations(namespace);
        this.states = new StateXattrs(survey);
    }

    /** Who is asked before a reader waits for cold bytes, from now on. */
    public void guardRecalls(RecallGuard newGuard) {
        guard = newGuard;
    }

    /** An operation that may fail in the ways of the parts below. */
    @FunctionalInterface
    private interface Operation<T extends @Nullable Object> {
        T run() throws IOException;
    }

    private <T extends @Nullable Object> T under(Lock lock, Operation<T> operation)
            throws FsException {
        tree.trimNodes(); // any operation may add nodes, of stubs that were asked for
        lock.lock();
        try {
            return operation.run();
        } catch (IOException e) {
            throw Failures.of(e);
        } finally {
            lock.unlock();
        }
    }

    private <T extends @Nullable Object> T reading(Operation<T> operation) throws FsException {
        return under(tree.readLock(), operation);
    }

    private <T extends @Nullable Object> T changing(Operation<T> operation) throws FsException {
        return under(tree.writeLock(), operation);
    }

    private Attributes referenced(Node node) {
        return tree.nodes().reference(node).attributes();
    }

    @Override
    public @Nullable Attributes lookup(long parent, byte[] name) throws FsException {
        if (name.length > NAME_MAX) {
            throw new FsException(Reason.NAME_TOO_LONG, "a name has at most 255 bytes");
        }
        tree.trimNodes();
        // Not by way of an operation: this is what the kernel asks most, and those are objects.
        tree.readLock().lock();
        try {
            Node node = tree.find(tree.directory(parent), name);
            return node == null ? null : referenced(node);
        } catch (IOException e) {
            throw Failures.of(e);
        } finally {
            tree.readLock().unlock();
        }
    }

    @Override
    public void forget(long inode, long references) {
        tree.readLock().lock();
        try {
            tree.nodes().forget(inode, references);
        } finally {
            tree.readLock().unlock();
        }
    }

    @Override
    public void forgetAll() {
        tree.readLock().lock();
        try {
            tree.nodes().forgetAll();
        } finally {
            tree.readLock().unlock();
        }
    }

    @Override
    public void references(ReferenceSink sink) {
        tree.readLock().lock();
        try {
            tree.nodes().references(sink);
        } finally {
            tree.readLock().unlock();
        }
    }

    @Override
    public boolean adopt(long inode, long parent, byte[] name, long references) throws FsException {
        return reading(() -> {
            Node node = tree.find(tree.directory(parent), name);
            if (node == null || node.inode != inode) {
                return false;
            }
            tree.nodes().reference(node, references);
            return true;
        });
    }

    @Override
    public Attributes getattr(long inode) throws FsException {
        Node known = tree.nodes().get(inode);
        return known != null ? known.attributes() : reading(() -> tree.node(inode).attributes());
    }

    @Override
    public Attributes setattr(long inode, AttributeChange change) throws FsException {
        Node node = hold(inode);
        try {
            return setattr(node, change);
        } finally {
            letGo(node);
        }
    }

    /** Counts the node as open: it stays the one that everybody knows while no lock is held. */
    private Node hold(long inode) throws FsException {
        return reading(() -> tree.nodes().opened(tree.node(inode)));
    }

    private void letGo(Node node) {
        if (tree.nodes().closed(node)) {
            node.letGo(namespace.openFiles());
            if (node.removed) {
                namespace.dropNameless(node);
            }
        }
    }

    private Attributes setattr(Node node, AttributeChange change) throws FsException {
        Long size = change.size();
        if (size != null) {
            try {
                files.resize(node, size);
            } catch (IOException e) {
                throw Failures.of(e);
            }
        }
        if (change.permissions() != null
                || change.uid() != null
                || change.gid() != null
                || change.mtime() != null
                || change.atime() != null) {
            changing(() -> {
                attributes.change(node, change);
                return node;
            });
        }
        return node.attributes();
    }

    @Override
    public byte[] readlink(long inode) throws FsException {
        Node node = reading(() -> tree.node(inode));
        if (!Mode.isSymlink(node.type())) {
            throw new FsException(Reason.INVALID, "not a symlink");
        }
        return node.record().target();
    }

    @Override
    public Attributes mkdir(long parent, byte[] name, int mode, Caller caller) throws FsException {
        return changing(() -> referenced(names.makeDirectory(parent, name, mode, caller)));
    }

    @Override
    public Attributes mknod(long parent, byte[] name, int mode, int rdev, Caller caller)
            throws FsException {
        return changing(() -> referenced(names.makeNode(parent, name, mode, rdev, caller)));
    }

    @Override
    public Attributes symlink(long parent, byte[] name, byte[] target, Caller caller)
            throws FsException {
        return changing(() -> referenced(names.makeSymlink(parent, name, target, caller)));
    }

    @Override
    public Attributes link(long inode, long newParent, byte[] newName) throws FsException {
        return changing(() -> referenced(names.link(inode, newParent, newName)));
    }

    @Override
    public void unlink(long parent, byte[] name) throws FsException {
        changing(() -> {
            names.unlink(parent, name);
            return parent;
        });
    }

    @Override
    public void rmdir(long parent, byte[] name) throws FsException {
        changing(() -> {
            names.removeDirectory(parent, name);
            return parent;
        });
    }

    @Override
    public void rename(long parent, byte[] name, long newParent, byte[] newName, RenameMode mode)
            throws FsException {
        // A rename that replaces a file must not leave less than the old or the whole new one.
        Node unsynced =
                this.<@Nullable Node>reading(() -> {
                    Node source = renames.sourceToSync(parent, name, newParent, newName);
                    return source == null ? null : tree.nodes().opened(source);
                });
        if (unsynced != null) {
            try {
                namespace.committer().sync(unsynced);
                Failpoint.RENAME_SOURCE_SYNCED.reach();
            } catch (IOException e) {
                throw Failures.of(e);
            } finally {
                letGo(unsynced);
            }
        }
        changing(() -> {
            renames.rename(parent, name, newParent, newName, mode);
            return parent;
        });
    }

    @Override
    public OpenFile open(long inode, OpenMode mode) throws FsException {
        Node node =
                reading(() -> {
                    Node found = tree.node(inode);
                    requireRegular(found);
                    admit(found, mode);
                    return found;
                });
        FileHandle handle = handle(node, mode);
        if (mode.truncate()) {
            try {
                files.resize(node, 0);
            } catch (IOException e) {
                handle.release();
                throw Failures.of(e);
            }
        }
        return handle;
    }

    private FileHandle handle(Node found, OpenMode mode) throws FsException {
        // Again: it may have become a stub and been read anew since.
        Node node =
                reading(() -> tree.nodes().opened(found.removed ? found : tree.node(found.inode)));
        namespace.handles().incrementAndGet();
        FileHandle handle = new FileHandle(namespace, files, node, mode);
        try {
            return reading(() -> {
                tree.refresh(node);
                node.loadData(tree.appendFiles());
                node.count(namespace.openFiles(), mode.write());
                node.keepOpen();
                return handle;
            });
        } catch (FsException e) {
            handle.release(); // which takes the lock, too, for a file without names
            throw e;
        }
    }

    /** Before a name is made, which would stay if there were no descriptor for the file. */
    private void admit(OpenMode mode) throws FsException {
        if (mode.write() && namespace.openFiles().isFull()) {
            throw namespace.openFiles().refusal();
        }
    }

    private void admit(Node node, OpenMode mode) throws IOException {
        if (namespace.openFiles().isFull()) {
            tree.refresh(node); // what was archived since has no descriptor any more
            if (node.wouldCount(mode.write())) {
                throw namespace.openFiles().refusal();
            }
        }
    }

    private static void requireRegular(Node node) throws FsException {
        if (node.isDirectory()) {
            throw new FsException(Reason.IS_DIRECTORY, "a directory is not opened as a file");
        }
        if (!node.isRegular()) {
            throw new FsException(Reason.NO_DEVICE_ADDRESS, "only regular files are opened here");
        }
    }

    @Override
    public Created create(long parent, byte[] name, int mode, OpenMode openMode, Caller caller)
            throws FsException {
        admit(openMode);
        Node node =
                changing(() -> {
                    Node made =
                            names.makeNode(
                                    parent,
                                    name,
                                    Mode.REGULAR | (mode & Mode.PERMISSIONS),
                                    0,
                                    caller);
                    return tree.nodes().reference(made);
                });
        FileHandle handle = handle(node, openMode);
        return new Created(node.attributes(), handle);
    }

    @Override
    public Created tmpfile(long parent, int mode, OpenMode openMode, Caller caller)
            throws FsException {
        admit(openMode);
        Node node =
                changing(() -> tree.nodes().reference(names.makeNameless(parent, mode, caller)));
        return new Created(node.attributes(), handle(node, openMode));
    }

    @Override
    public OpenDirectory openDirectory(long inode) throws FsException {
        return reading(() -> {
            Node node = tree.nodes().opened(tree.directory(inode));
            namespace.handles().incrementAndGet();
            return new DirectoryHandle(namespace, node);
        });
    }

    @Override
    public byte @Nullable [] getxattr(long inode, byte[] name) throws FsException {
        if (StateXattrs.isOurs(name)) {
            try {
                return states.get(inode, name);
            } catch (IOException e) {
                throw Failures.of(e);
            }
        }
        return AttributeOperations.get(reading(() -> tree.node(inode)), name);
    }

    @Override
    public List<byte[]> listxattr(long inode) throws FsException {
        return AttributeOperations.list(reading(() -> tree.node(inode)));
    }

    @Override
    public void setxattr(long inode, byte[] name, byte[] value, XattrMode mode) throws FsException {
        changing(() -> {
            attributes.set(tree.node(inode), name, value, mode);
            return inode;
        });
    }

    @Override
    public void removexattr(long inode, byte[] name) throws FsException {
        changing(() -> {
            attributes.remove(tree.node(inode), name);
            return inode;
        });
    }

    @Override
    public void aboutToRecall(long inode, int pid, long bytes) throws FsException {
        RecallGuard asked = guard;
        if (!asked.equals(RecallGuard.NONE)) {
            byte[] path = reading(() -> tree.path(tree.node(inode)));
            asked.aboutToRecall(new RecallGuard.Request(pid, inode, path, bytes));
        }
    }

    @Override
    public boolean mayRecall(int pid) {
        return guard.mayRecall(pid);
    }

    @Override
    public FileSystemSpace space() throws FsException {
        try {
            long unused = namespace.counters().unusedInodes();
            return namespace.space().space(namespace.counters().nextInode() + unused, unused);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    @Override
    public void sync() throws FsException {
        WaitPoint.sync();
        try {
            namespace.committer().syncAll();
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }
}

package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.LinkName;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.LayerStack;
import java.io.IOException;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes, links and removes names. Its methods want {@code namespaceLock} for writing. */
final class NameOperations {
    private static final int SYMLINK_MAX = 4095;

    private final Namespace namespace;
    private final Tree tree;

    NameOperations(Namespace namespace) {
        this.namespace = namespace;
        this.tree = namespace.tree();
    }

    static void checkName(byte[] name) throws FsException {
        if (name.length > FileSystem.NAME_MAX) {
            throw new FsException(
                    Reason.NAME_TOO_LONG, "a name has at most 255 bytes, this one " + name.length);
        }
        boolean dots = name.length <= 2;
        for (byte b : name) {
            dots &= b == '.';
            if (b == '/' || b == 0) {
                throw new FsException(Reason.INVALID, "a name holds neither '/' nor NUL");
            }
        }
        if (dots) {
            throw new FsException(Reason.INVALID, "not a name for a new file");
        }
    }

    Node makeDirectory(long parent, byte[] name, int mode, Caller caller) throws IOException {
        return make(
                parent, name, Mode.DIRECTORY | (mode & Mode.PERMISSIONS), caller, record -> record);
    }

    Node makeNode(long parent, byte[] name, int mode, int rdev, Caller caller) throws IOException {
        if (Mode.isWhiteout(mode, rdev)) {
            throw Failures.notPermitted("a character device 0/0 is a whiteout");
        }
        int type = mode & Mode.TYPE;
        if (type == Mode.DIRECTORY || type == Mode.SYMLINK) {
            throw new FsException(Reason.INVALID, "mknod makes neither directories nor symlinks");
        }
        int full = (type == 0 ? Mode.REGULAR : type) | (mode & Mode.PERMISSIONS);
        boolean device = type == Mode.CHARACTER || type == Mode.BLOCK;
        return make(parent, name, full, caller, record -> record.rdev(device ? rdev : 0));
    }

    Node makeSymlink(long parent, byte[] name, byte[] target, Caller caller) throws IOException {
        if (target.length > SYMLINK_MAX) {
            throw new FsException(
                    Reason.NAME_TOO_LONG, "a symlink's target has at most 4095 bytes");
        }
        if (target.length == 0) {
            throw new FsException(Reason.NOT_FOUND, "a symlink needs a target");
        }
        return make(parent, name, Mode.SYMLINK | 0777, caller, record -> record.target(target));
    }

    /** Makes a regular file that no name leads to; it lives as long as it is open or gets one. */
    Node makeNameless(long parentInode, int mode, Caller caller) throws IOException {
        Node parent = livingDirectory(parentInode);
        InodeRecord record =
                Inheritance.of(parent.record(), Mode.REGULAR | (mode & Mode.PERMISSIONS), caller)
                        .mtime(namespace.clock().instant())
                        .build();
        long inode = namespace.counters().takeInode();
        Node node = new Node(inode, parent.inode, new byte[0], record, tree.activeLayer());
        node.removed = true;
        node.linkable = true;
        return node;
    }

    private Node make(
            long parentInode,
            byte[] name,
            int mode,
            Caller caller,
            UnaryOperator<InodeRecordBuilder> details)
            throws IOException {
        checkName(name);
        Node parent = livingDirectory(parentInode);
        if (tree.find(parent, name) != null) {
            throw Failures.exists();
        }
        Instant now = namespace.clock().instant();
        InodeRecord record =
                details.apply(Inheritance.of(parent.record(), mode, caller).mtime(now).ctime(now))
                        .build();
        long inode = namespace.counters().takeInode();
        Node node = new Node(inode, parent.inode, name, record, tree.activeLayer());
        try (Change change = new Change(namespace)) {
            change.enter(parent, name, node);
            change.put(node, record);
            change.touch(parent, now, node.isDirectory() ? 1 : 0);
            if (node.isDirectory()) {
                change.batch().putName(inode, new LinkName(parent.inode, name));
            }
            change.commit();
        }
        return tree.nodes().add(node);
    }

    Node link(long inode, long newParentInode, byte[] newName) throws IOException {
        checkName(newName);
        Node node = tree.node(inode);
        if (node.isDirectory()) {
            throw Failures.notPermitted("directories have one name");
        }
        if (node.removed && !node.linkable) {
            throw Failures.notFound();
        }
        Node newParent = livingDirectory(newParentInode);
        if (tree.find(newParent, newName) != null) {
            throw Failures.exists();
        }
        Instant now = namespace.clock().instant();
        try (Change change = new Change(namespace)) {
            if (node.linkable) {
                change.enterFirst(newParent, newName, node, now);
            } else {
                addName(change, node, new LinkName(newParent.inode, newName), newParent, now);
            }
            change.touch(newParent, now, 0);
            change.commit();
        }
        return node;
    }

    private void addName(Change change, Node node, LinkName added, Node parent, Instant now)
            throws IOException {
        change.copyUp(node);
        if (tree.catalog().anyName(node.inode, null) == null) {
            change.batch().putName(node.inode, new LinkName(node.parent, node.name));
        }
        change.batch().putName(node.inode, added);
        change.enter(parent, added.name(), node);
        InodeRecord record = change.record(node);
        change.put(node, record.change().nlink(record.nlink() + 1).ctime(now).build());
    }

    void unlink(long parentInode, byte[] name) throws IOException {
        Node parent = tree.directory(parentInode);
        Node node = require(tree.find(parent, name));
        if (node.isDirectory()) {
            throw new FsException(Reason.IS_DIRECTORY, "unlink does not remove directories");
        }
        remove(parent, name, node);
    }

    void removeDirectory(long parentInode, byte[] name) throws IOException {
        Node parent = tree.directory(parentInode);
        Node node = require(tree.find(parent, name));
        if (!node.isDirectory()) {
            throw new FsException(Reason.NOT_DIRECTORY, "rmdir removes directories only");
        }
        requireEmpty(node);
        remove(parent, name, node);
    }

    private void remove(Node parent, byte[] name, Node node) throws IOException {
        Instant now = namespace.clock().instant();
        try (Change change = new Change(namespace)) {
            change.leave(parent, name);
            change.dropName(node, new LinkName(parent.inode, name), now);
            change.touch(parent, now, node.isDirectory() ? -1 : 0);
            change.commit();
        }
    }

    void requireEmpty(Node directory) throws IOException {
        LayerStack stack = tree.stack();
        stack.list(
                tree.merged(directory),
                (_, _, _) -> {
                    throw new FsException(Reason.NOT_EMPTY, "the directory is not empty");
                });
    }

    /** A directory that still has a name: nothing can be made in one that was removed. */
    Node livingDirectory(long inode) throws IOException {
        Node directory = tree.directory(inode);
        if (directory.removed) {
            throw Failures.notFound();
        }
        return directory;
    }

    static Node require(@Nullable Node node) throws FsException {
        if (node == null) {
            throw Failures.notFound();
        }
        return node;
    }
}

package io.arcfs.cli.image;

import io.arcfs.cli.ByteArguments;
import io.arcfs.cli.control.Progress;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.extract.FileContent;
import io.arcfs.erofs.extract.TreeSink;
import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the files of an image's tree below an empty directory: modes, owners, times, links, xattrs,
 * special files, holes. Without root, owners stay the user's, and what only root may make is
 * counted and left out. Confined to one thread.
 */
public final class PosixTreeSink implements TreeSink {
    private static final int PERMISSIONS = 07777;
    private static final int FILE_TYPE = 0xF000;
    private static final int FIFO = 0x1000;
    private static final int SOCKET = 0xC000;

    private final byte[] root;
    private final Progress progress;
    private final boolean privileged;
    private final Deque<byte[]> directories = new ArrayDeque<>();
    private long writtenBytes;
    private long leftOut;
    private @Nullable String firstUnreadable;

    /**
     * @param directory exists and is empty
     */
    public PosixTreeSink(Path directory, Progress progress) {
        this.root = Posix.bytes(directory.toAbsolutePath());
        this.progress = progress;
        this.privileged = Posix.getuid() == 0;
    }

    /** How many files and attributes were left out because only root may make them. */
    public long leftOut() {
        return leftOut;
    }

    /** The first thing that the image did not give, with the reason. */
    public Optional<String> firstUnreadable() {
        return Optional.ofNullable(firstUnreadable);
    }

    @Override
    public void enterDirectory(byte[] name, Inode directory) throws IOException {
        if (directories.isEmpty()) {
            directories.push(root);
            return;
        }
        byte[] path = here(name);
        // Its own mode comes when all is in it.
        Posix.mkdir(path, 0700);
        directories.push(path);
    }

    @Override
    public void leaveDirectory(Inode directory, List<Xattr> xattrs) throws IOException {
        attributes(directories.pop(), directory, xattrs);
    }

    @Override
    public void regularFile(byte[] name, Inode file, List<Xattr> xattrs, FileContent content)
            throws IOException {
        byte[] path = here(name);
        try (PosixFile out =
                PosixFile.open(path, OpenFlag.WRITE, OpenFlag.CREATE, OpenFlag.EXCLUSIVE)) {
            out.truncate(content.sizeBytes());
            content.copyTo((offsetBytes, bytes) -> {
                out.write(offsetBytes, bytes);
                writtenBytes += bytes.byteSize();
                progress.report(
                        new Progress.Step("extract", ByteArguments.textOf(root), writtenBytes, 0));
            });
        }
        attributes(path, file, xattrs);
    }

    @Override
    public void symlink(byte[] name, Inode link, List<Xattr> xattrs, byte[] target)
            throws IOException {
        byte[] path = here(name);
        Posix.symlink(target, path);
        attributes(path, link, xattrs);
    }

    @Override
    public void special(byte[] name, Inode node, List<Xattr> xattrs) throws IOException {
        int type = node.mode() & FILE_TYPE;
        if (!privileged && type != FIFO && type != SOCKET && !node.isWhiteout()) {
            leftOut++;
            return;
        }
        byte[] path = here(name);
        Posix.mknod(path, type | 0600, node.rdev());
        attributes(path, node, xattrs);
    }

    @Override
    public void hardLink(byte[] name, List<byte[]> firstPath) throws IOException {
        byte[] first = root;
        for (byte[] step : firstPath) {
            first = child(first, step);
        }
        try {
            Posix.link(first, here(name));
        } catch (PosixException e) {
            if (privileged || e.errno() != Errno.ENOENT) {
                throw e;
            }
            // Its first name was left out.
            leftOut++;
        }
    }

    @Override
    public void unreadable(List<byte[]> path, IOException reason) {
        if (firstUnreadable == null) {
            StringBuilder text = new StringBuilder();
            path.forEach(name -> text.append('/').append(ByteArguments.textOf(name)));
            firstUnreadable = SafeText.of(text + ": " + reason.getMessage());
        }
    }

    private void attributes(byte[] path, Inode inode, List<Xattr> xattrs) throws IOException {
        if (privileged) {
            // Before the mode and xattrs: a change of owner takes set-user bits and capabilities.
            Posix.lchown(path, (int) inode.uid(), (int) inode.gid());
        }
        if (!inode.isSymlink()) {
            Posix.chmod(path, inode.mode() & PERMISSIONS);
        }
        for (Xattr xattr : xattrs) {
            if (privileged || isUserXattr(xattr.name())) {
                Posix.lsetxattr(path, xattr.name(), xattr.value());
            } else {
                leftOut++;
            }
        }
        Posix.utimens(
                path,
                inode.mtimeSeconds(),
                inode.mtimeNanos(),
                inode.mtimeSeconds(),
                inode.mtimeNanos());
    }

    private static boolean isUserXattr(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1).startsWith("user.");
    }

    private byte[] here(byte[] name) throws CorruptImageException {
        return child(directories.element(), name);
    }

    /** A name that could lead out of its directory is no name, whatever was checked before. */
    private static byte[] child(byte[] directory, byte[] name) throws CorruptImageException {
        for (byte b : name) {
            if (b == '/' || b == 0) {
                throw new CorruptImageException(
                        0, "a directory holds a name that no file can have");
            }
        }
        byte[] path = Arrays.copyOf(directory, directory.length + 1 + name.length);
        path[directory.length] = '/';
        System.arraycopy(name, 0, path, directory.length + 1, name.length);
        return path;
    }
}

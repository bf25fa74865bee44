package io.arcfs.it.crash;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.BackingFile;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.OpenFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The namespace of a volume that this process has open, without a mount. Thread-safe. */
final class DirectTarget implements CrashTarget {
    private static final Caller CALLER = new Caller(0, 0, 022);
    private static final byte[] XATTR = "user.crash".getBytes(StandardCharsets.UTF_8);
    private static final int DIRECTORY = 0x4000;

    private final FileSystem fs;

    DirectTarget(FileSystem fs) {
        this.fs = fs;
    }

    private static byte[] name(String path) {
        return path.substring(path.lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8);
    }

    private long parent(String path) throws IOException {
        return inode(path.substring(0, path.lastIndexOf('/')));
    }

    private long inode(String path) throws IOException {
        long inode = FileSystem.ROOT_INODE;
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                Attributes found = fs.lookup(inode, part.getBytes(StandardCharsets.UTF_8));
                if (found == null) {
                    throw new FsException(FsException.Reason.NOT_FOUND, path);
                }
                inode = found.inode();
            }
        }
        return inode;
    }

    private OpenFile open(String path, OpenMode mode) throws IOException {
        return fs.open(inode(path), mode);
    }

    @Override
    public void create(String path) throws IOException {
        fs.create(parent(path), name(path), 0644, OpenMode.READ_WRITE, CALLER).file().release();
    }

    @Override
    public void append(String path, byte[] bytes) throws IOException {
        OpenFile file = open(path, OpenMode.READ_WRITE);
        try (Arena arena = Arena.ofConfined()) {
            file.append(arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
        } finally {
            file.release();
        }
    }

    @Override
    public void fsync(String path) throws IOException {
        OpenFile file = open(path, OpenMode.READ_WRITE);
        try {
            file.fsync();
        } finally {
            file.release();
        }
    }

    @Override
    public void fsyncDirectory(String path) throws IOException {
        OpenDirectory directory = fs.openDirectory(inode(path));
        try {
            directory.fsync();
        } finally {
            directory.release();
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        fs.rename(parent(from), name(from), parent(to), name(to), RenameMode.REPLACE);
    }

    @Override
    public void unlink(String path) throws IOException {
        fs.unlink(parent(path), name(path));
    }

    @Override
    public void link(String existing, String path) throws IOException {
        fs.link(inode(existing), parent(path), name(path));
    }

    /**
     * As a mount does that lets the kernel read the append file itself: the file stays the same.
     */
    @Override
    public void empty(String path) throws IOException {
        OpenFile file = open(path, OpenMode.READ_WRITE);
        BackingFile pinned = file.backing();
        try {
            file.truncate(0);
        } finally {
            if (pinned != null) {
                pinned.release();
            }
            file.release();
        }
    }

    @Override
    public void mkdir(String path) throws IOException {
        fs.mkdir(parent(path), name(path), 0755, CALLER);
    }

    @Override
    public void rmdir(String path) throws IOException {
        fs.rmdir(parent(path), name(path));
    }

    @Override
    public void setXattr(String path, String value) throws IOException {
        fs.setxattr(inode(path), XATTR, value.getBytes(StandardCharsets.UTF_8), XattrMode.SET);
    }

    @Override
    public @Nullable String xattr(String path) throws IOException {
        byte[] value = fs.getxattr(inode(path), XATTR);
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public byte[] read(String path) throws IOException {
        OpenFile file = open(path, OpenMode.READ);
        try (Arena arena = Arena.ofConfined()) {
            int size = Math.toIntExact(file.attributes().size());
            MemorySegment target = arena.allocate(Math.max(1, size));
            int count = file.read(0, target.asSlice(0, size));
            return target.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            file.release();
        }
    }

    @Override
    public List<String> list(String path) throws IOException {
        OpenDirectory directory = fs.openDirectory(inode(path));
        List<String> names = new ArrayList<>();
        try {
            directory.read(
                    0,
                    (name, _, mode, _) -> {
                        String text = new String(name, StandardCharsets.UTF_8);
                        if (!text.equals(".") && !text.equals("..")) {
                            names.add((mode & 0xF000) == DIRECTORY ? text + "/" : text);
                        }
                        return true;
                    });
        } finally {
            directory.release();
        }
        return names;
    }
}

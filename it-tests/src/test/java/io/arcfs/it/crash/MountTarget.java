package io.arcfs.it.crash;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A mounted file system, through the kernel. Thread-safe. */
final class MountTarget implements CrashTarget {
    private static final byte[] XATTR = "user.crash".getBytes(StandardCharsets.UTF_8);

    private final Path root;

    MountTarget(Path root) {
        this.root = root;
    }

    private Path at(String path) {
        return root.resolve(path.substring(1));
    }

    @Override
    public void create(String path) throws IOException {
        Files.createFile(at(path));
    }

    @Override
    public void append(String path, byte[] bytes) throws IOException {
        try (OutputStream out = Files.newOutputStream(at(path), StandardOpenOption.APPEND)) {
            out.write(bytes);
        }
    }

    @Override
    public void fsync(String path) throws IOException {
        try (PosixFile file = PosixFile.open(at(path), OpenFlag.READ, OpenFlag.WRITE)) {
            file.sync();
        }
    }

    @Override
    public void fsyncDirectory(String path) throws IOException {
        Posix.syncDirectory(at(path));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(at(from), at(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void unlink(String path) throws IOException {
        Files.delete(at(path));
    }

    @Override
    public void link(String existing, String path) throws IOException {
        Files.createLink(at(path), at(existing));
    }

    @Override
    public void empty(String path) throws IOException {
        Files.newOutputStream(at(path), StandardOpenOption.TRUNCATE_EXISTING).close();
    }

    @Override
    public void mkdir(String path) throws IOException {
        Files.createDirectory(at(path));
    }

    @Override
    public void rmdir(String path) throws IOException {
        Files.delete(at(path));
    }

    @Override
    public void setXattr(String path, String value) throws IOException {
        Posix.lsetxattr(Posix.bytes(at(path)), XATTR, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public @Nullable String xattr(String path) throws IOException {
        try {
            return new String(
                    Posix.lgetxattr(Posix.bytes(at(path)), XATTR), StandardCharsets.UTF_8);
        } catch (PosixException e) {
            return null;
        }
    }

    @Override
    public byte[] read(String path) throws IOException {
        return Files.readAllBytes(at(path));
    }

    @Override
    public List<String> list(String path) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(at(path))) {
            for (Path entry : entries) {
                boolean directory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
                names.add(entry.getFileName() + (directory ? "/" : ""));
            }
        }
        return names;
    }
}

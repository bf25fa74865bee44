package io.arcfs.it.kit;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.List;
import java.util.Random;

/**
 * The same changes made to two trees: a mirror on the machine's own file system and the mount under
 * test. Every change then gives what it touched the same explicit times, so the trees can be
 * compared to the last one. Paths are relative; a change that fails on one side fails the test.
 */
public final class Twin {
    private final List<Path> roots;
    private long tick = 1_600_000_000L;

    public Twin(Path mirror, Path mount) {
        this.roots = List.of(mirror, mount);
    }

    public Path mirror() {
        return roots.getFirst();
    }

    /** A change of one of the two trees. */
    private interface Change {
        void on(Path root) throws IOException;
    }

    /** A new file, or a new version of the file of that name (O_TRUNC). */
    public void write(String path, byte[] content) throws IOException {
        change(root -> Files.write(root.resolve(path), content), path);
    }

    public void append(String path, byte[] content) throws IOException {
        change(
                root -> {
                    try (FileChannel channel =
                            FileChannel.open(root.resolve(path), StandardOpenOption.APPEND)) {
                        ByteBuffer left = ByteBuffer.wrap(content);
                        while (left.hasRemaining()) {
                            channel.write(left);
                        }
                    }
                },
                path);
    }

    public void makeDirectory(String path) throws IOException {
        change(root -> Files.createDirectory(root.resolve(path)), path);
    }

    public void delete(String path) throws IOException {
        change(root -> Files.delete(root.resolve(path)), path);
    }

    public void deleteTree(String path) throws IOException {
        change(root -> removeRecursively(root.resolve(path)), path);
    }

    /** rename(2): replaces what has the new name, if it may. */
    public void rename(String from, String to) throws IOException {
        change(
                root ->
                        Files.move(
                                root.resolve(from),
                                root.resolve(to),
                                StandardCopyOption.ATOMIC_MOVE),
                from,
                to);
    }

    public void link(String existing, String name) throws IOException {
        change(root -> Files.createLink(root.resolve(name), root.resolve(existing)), name);
    }

    public void symlink(String name, String target) throws IOException {
        change(root -> Files.createSymbolicLink(root.resolve(name), Path.of(target)), name);
    }

    public void makeFifo(String name) throws IOException {
        change(root -> Command.of("mkfifo", root.resolve(name)).succeed(), name);
    }

    public void chmod(String path, String permissions) throws IOException {
        change(
                root ->
                        Files.setPosixFilePermissions(
                                root.resolve(path), PosixFilePermissions.fromString(permissions)),
                path);
    }

    public void chown(String path, int uid, int gid) throws IOException {
        change(
                root -> {
                    Files.setAttribute(
                            root.resolve(path), "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                    Files.setAttribute(
                            root.resolve(path), "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
                },
                path);
    }

    public void setXattr(String path, String userName, String value) throws IOException {
        change(
                root ->
                        Files.getFileAttributeView(
                                        root.resolve(path), UserDefinedFileAttributeView.class)
                                .write(
                                        userName,
                                        ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8))),
                path);
    }

    /** Random content that no one compresses or shares. */
    public static byte[] content(Random random, int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        random.nextBytes(bytes);
        return bytes;
    }

    private void change(Change change, String... touched) throws IOException {
        tick += 7;
        Instant time = Instant.ofEpochSecond(tick, (tick * 7919 % 1_000_000) * 1000);
        for (Path root : roots) {
            try {
                change.on(root);
                for (String path : touched) {
                    stamp(root.resolve(path), time);
                    stamp(requireNonNull(root.resolve(path).getParent()), time);
                }
            } catch (IOException e) {
                throw new IOException("below " + root + ": " + String.join(", ", touched), e);
            }
        }
    }

    private static void stamp(Path path, Instant time) throws IOException {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            FileTime same = FileTime.from(time);
            Files.getFileAttributeView(path, BasicFileAttributeView.class)
                    .setTimes(same, same, null);
        } else if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            // Java opens what it sets the times of; that would wait for ever at a FIFO.
            String seconds = "@%d.%09d".formatted(time.getEpochSecond(), time.getNano());
            Command.of("touch", "-h", "-d", seconds, path).succeed();
        }
    }

    private static void removeRecursively(Path top) throws IOException {
        Files.walkFileTree(
                top,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory,
                            java.io.@org.jspecify.annotations.Nullable IOException e)
                            throws IOException {
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}

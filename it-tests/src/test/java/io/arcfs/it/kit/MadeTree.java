package io.arcfs.it.kit;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A tree with everything that copies tend to lose: xattrs, ACLs, holes, special files, hard links,
 * odd names, empty and deep directories, set-id modes and far times, one big file and many small
 * ones. Equal seeds make equal trees (but for socket and directory times, which are then set too).
 */
public final class MadeTree {
    private static final int MIB = 1 << 20;

    private final Path root;
    private final Random random;
    private final long bigFileBytes;
    private final int smallFiles;

    private MadeTree(Path root, long seed, long bigFileBytes, int smallFiles) {
        this.root = root;
        this.random = new Random(seed);
        this.bigFileBytes = bigFileBytes;
        this.smallFiles = smallFiles;
    }

    /** Makes the tree in a new directory; needs root for devices, owners and trusted xattrs. */
    public static void make(Path root, long seed, long bigFileBytes, int smallFiles)
            throws IOException {
        Files.createDirectories(root);
        MadeTree tree = new MadeTree(root, seed, bigFileBytes, smallFiles);
        tree.plainFiles();
        tree.oddNames();
        tree.sparseFiles();
        tree.specialFiles();
        tree.hardLinks();
        tree.xattrsAndAcls();
        tree.modesAndOwners();
        tree.deepAndEmptyDirectories();
        tree.farTimes();
    }

    private void plainFiles() throws IOException {
        file("big.bin", bigFileBytes);
        file("empty", 0);
        file("one-byte", 1);
        for (int size : new int[] {4095, 4096, 4097, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 9 * MIB}) {
            file("sizes/" + size, size);
        }
        for (int i = 0; i < smallFiles; i++) {
            file("small/%02d/file-%04d".formatted(i % 17, i), random.nextInt(9000));
        }
    }

    private void oddNames() throws IOException {
        List<String> names =
                List.of(
                        "a name with spaces",
                        " leading and trailing ",
                        "new\nline",
                        "tab\tand\\backslash",
                        "-rf",
                        "--help",
                        "*?[a]{b}$HOME`x`\"'",
                        ".hidden",
                        "...",
                        ".wh.not-a-whiteout",
                        "ünïcödé-日本語-🎬",
                        "e\u0301 decomposed",
                        "é composed",
                        "!sorts-before-dot",
                        "x".repeat(255),
                        "ä".repeat(127));
        for (String name : names) {
            file("odd names/" + name, 10 + random.nextInt(100));
        }
        Files.createDirectories(root.resolve("odd names/dir\nwith newline/" + "d".repeat(255)));
        file("odd names/dir\nwith newline/" + "d".repeat(255) + "/inside", 77);
        Files.createSymbolicLink(root.resolve("odd names/link to odd"), Path.of("new\nline"));
    }

    private void sparseFiles() throws IOException {
        // Holes bigger than a chunk of 4 MiB, at the start, in the middle, at the end; all hole.
        sparse("sparse/hole-first", 21L * MIB, 20L * MIB, 1000);
        sparse("sparse/hole-middle", 30L * MIB + 5, 0, 5000, 29L * MIB, 4096);
        sparse("sparse/hole-last", 17L * MIB + 123, 0, 4097);
        sparse("sparse/all-hole", 12L * MIB);
        if (bigFileBytes
                > 64L * MIB) { // reading 4 GiB of nothing takes seconds: only where it fits
            sparse("sparse/huge-hole", (4L << 30) + 9 * MIB, (4L << 30) + MIB, 17);
        }
        sparse("sparse/small-holes", 5L * MIB, 8192, 4096, 65536, 10, MIB, 1);
    }

    /** Offsets and lengths of data alternate; the rest of the size is hole. */
    private void sparse(String name, long sizeBytes, long... data) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < data.length; i += 2) {
                channel.write(bytes((int) data[i + 1]), data[i]);
            }
        }
        Command.of("truncate", "-s", sizeBytes, "--", path).succeed();
    }

    private void specialFiles() throws IOException {
        Path directory = Files.createDirectories(root.resolve("special"));
        Command.of("mkfifo", "-m", "640", directory.resolve("fifo")).succeed();
        Command.of("mknod", "-m", "660", directory.resolve("block"), "b", "259", "70000").succeed();
        Command.of("mknod", "-m", "600", directory.resolve("char"), "c", "1", "3").succeed();
        Command.of("mknod", "-m", "600", directory.resolve("char01"), "c", "0", "1").succeed();
        // A socket's path may have 107 bytes: bind near, then move.
        Path socket = Files.createTempDirectory("arcfs-sock").resolve("s");
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(socket));
        }
        Command.of("mv", socket, directory.resolve("socket")).succeed();
        Files.delete(socket.getParent());
        Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nowhere/at all"));
        Files.createSymbolicLink(directory.resolve("absolute"), Path.of("/usr/share/doc"));
        Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(
                directory.resolve("long"), Path.of("l/".repeat(1500) + "end")); // 3003 bytes
        Files.createSymbolicLink(directory.resolve("to directory"), Path.of("../sizes"));
    }

    private void hardLinks() throws IOException {
        file("links/a", 5 * MIB);
        Files.createDirectories(root.resolve("links/sub"));
        Files.createLink(root.resolve("links/b"), root.resolve("links/a"));
        Files.createLink(root.resolve("links/sub/c"), root.resolve("links/a"));
        file("links/tiny", 3);
        for (int i = 0; i < 50; i++) {
            Files.createLink(root.resolve("links/tiny-" + i), root.resolve("links/tiny"));
        }
        Command.of("ln", root.resolve("special/fifo"), root.resolve("links/fifo")).succeed();
        Command.of("ln", "-P", root.resolve("special/dangling"), root.resolve("links/symlink"))
                .succeed();
    }

    private void xattrsAndAcls() throws IOException {
        file("xattrs/file", 100);
        Path file = root.resolve("xattrs/file");
        Path directory = Files.createDirectories(root.resolve("xattrs/directory"));
        for (Path path : List.of(file, directory)) {
            setXattr(path, "user.comment", "made for arcfs");
            setXattr(path, "user.empty", "");
            setXattr(path, "user.long", "v".repeat(2000));
            setXattr(path, "user." + "n".repeat(250), "long name");
            setXattr(path, "trusted.made", "by root");
        }
        file("xattrs/capable", 10);
        Command.of(
                        "setfattr",
                        "-n",
                        "security.capability",
                        "-v",
                        "0x0100000200040000000000000000000000000000",
                        root.resolve("xattrs/capable"))
                .succeed();
        file("xattrs/acl", 10);
        Command.of("setfacl", "-m", "u:1234:rw-,g:4321:r--,m::rw-", root.resolve("xattrs/acl"))
                .succeed();
        Command.of("setfacl", "-m", "u:1234:rwx", directory).succeed();
        Command.of("setfacl", "-d", "-m", "u:1234:rwx,g::r-x", directory).succeed();
        for (int i = 0; i < 20; i++) {
            file("xattrs/shared-" + i, i);
            setXattr(root.resolve("xattrs/shared-" + i), "user.shared", "the same everywhere");
        }
    }

    private void modesAndOwners() throws IOException {
        int[] modes = {0, 0400, 0644, 0777, 01777, 02755, 04755, 06711, 07777};
        for (int mode : modes) {
            String name = "modes/%04o".formatted(mode);
            file(name, 20);
            Command.of("chown", "1000:2000", root.resolve(name)).succeed();
            Command.of("chmod", "%04o".formatted(mode), root.resolve(name)).succeed();
            Path directory = Files.createDirectories(root.resolve(name + ".d"));
            Command.of("chown", "3000000000:4000000000", directory).succeed();
            Command.of("chmod", "%04o".formatted(mode), directory).succeed();
        }
        Command.of("chown", "-h", "77:88", root.resolve("special/dangling")).succeed();
    }

    private void deepAndEmptyDirectories() throws IOException {
        Path path = root.resolve("deep");
        for (int i = 0; i < 60; i++) {
            path = path.resolve("level-%02d-%s".formatted(i, "p".repeat(40)));
        }
        Files.createDirectories(path); // about 3000 bytes
        Files.write(path.resolve("at the end"), bytes(500).array());
        Files.createDirectories(root.resolve("empty directory/and another"));
    }

    private void farTimes() throws IOException {
        List<String> times =
                List.of(
                        "0",
                        "-1.000000001",
                        "-2000000000.5",
                        "1.999999999",
                        "999999999.123456789",
                        "2147483648.000000001",
                        "4294967296.7",
                        "13569465600.987654321");
        Files.createDirectories(root.resolve("times"));
        for (int i = 0; i < times.size(); i++) {
            file("times/f" + i, i);
            Path directory = Files.createDirectory(root.resolve("times/d" + i));
            Path link = Files.createSymbolicLink(root.resolve("times/l" + i), Path.of("f" + i));
            for (Path path : List.of(root.resolve("times/f" + i), directory, link)) {
                Command.of("touch", "-h", "-d", "@" + times.get(i), path).succeed();
            }
        }
    }

    private void setXattr(Path path, String name, String value) {
        List<Object> argv = new ArrayList<>(List.of("setfattr", "-h", "-n", name));
        if (!value.isEmpty()) {
            argv.addAll(List.of("-v", value));
        }
        argv.add(path);
        Command.of(argv.toArray()).succeed();
    }

    private void file(String name, long sizeBytes) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long left = sizeBytes; left > 0; left -= MIB) {
                channel.write(bytes((int) Math.min(MIB, left)));
            }
        }
    }

    private ByteBuffer bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}

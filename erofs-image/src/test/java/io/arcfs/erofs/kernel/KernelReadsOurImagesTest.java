package io.arcfs.erofs.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that we write, mounted by the kernel. */
@Tag("root")
class KernelReadsOurImagesTest {
    private static final long SEED = Long.getLong("arcfs.seed", 20_261_121L);
    private static final int DEVICE_BLOCKS = 16_384;
    private static final int CHUNK = 1 << MemoryTree.CHUNK_BITS;

    @TempDir Path directory;

    @BeforeEach
    void needsTheKernel() {
        Capability.require(Capability.LOOP, Capability.EROFS);
    }

    @Test
    void mountShowsTreeAttributesAndXattrs() throws IOException {
        MemoryTree tree = new MemoryTree();
        Random random = new Random(SEED);
        for (int d = 0; d < 60; d++) {
            MemoryTree.Node sub = tree.directory(tree.root, "d%02d".formatted(d));
            sub.mtimeSeconds = random.nextLong(-4_000_000_000L, 8_000_000_000L);
            if (d % 4 == 0) {
                sub.xattr("user.fill", "v".repeat(random.nextInt(7000)));
            }
            int names = random.nextInt(d % 9 == 0 ? 900 : 40);
            for (int n = 0; n < names; n++) {
                String name = "%03d".formatted(n) + "n".repeat(random.nextInt(253));
                switch (random.nextInt(5)) {
                    case 0 -> tree.symlink(sub, name, "t".repeat(1 + random.nextInt(4095)));
                    case 1 -> {
                        MemoryTree.Node device = tree.node(0x2000 | 0640);
                        device.rdev = 1 + random.nextInt(1 << 20);
                        tree.link(sub, name, device);
                    }
                    default -> {
                        MemoryTree.Node file = tree.file(sub, name, random.nextInt(9), 1);
                        file.mtimeNanos = random.nextInt(1_000_000_000);
                        file.uid = random.nextInt(100_000);
                        if (random.nextInt(3) == 0) {
                            file.xattr("user.a", "x".repeat(random.nextInt(300)));
                            file.xattr("user.b", "");
                        }
                    }
                }
            }
        }
        Path image = write(tree);
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of(device()));

            assertThat(MountListing.of(mounted))
                    .as("seed %d", SEED)
                    .containsExactlyEntriesOf(ImageAsMounted.of(ErofsImage.open(image)));
        }
    }

    @Test
    void namesOfAnyBytesAreFound() throws IOException {
        MemoryTree tree = new MemoryTree();
        Random random = new Random(SEED);
        Set<String> names = new TreeSet<>();
        while (names.size() < 3000) {
            byte[] name = new byte[1 + random.nextInt(random.nextInt(50) == 0 ? 255 : 6)];
            random.nextBytes(name);
            for (int i = 0; i < name.length; i++) {
                name[i] = name[i] == 0 || name[i] == '/' ? (byte) '.' : name[i];
            }
            String text = new String(name, StandardCharsets.ISO_8859_1);
            if (!text.equals(".") && !text.equals("..") && names.add(text)) {
                tree.link(tree.root, name, tree.node(0x8000 | 0444));
            }
        }
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(write(tree), List.of(device()));
            // find asks for every name's attributes, so each is looked up, not only listed.
            Process find =
                    new ProcessBuilder("find", ".", "-mindepth", "1", "-perm", "0444", "-print0")
                            .directory(mounted.toFile())
                            .start();
            Set<String> found = new TreeSet<>();
            for (String path :
                    new String(find.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
                            .split("\0")) {
                found.add(path.substring(2));
            }
            assertThat(found).as("seed %d", SEED).isEqualTo(names);
        }
    }

    @Test
    void chunksAndHolesReadAsOnTheDevice() throws IOException {
        MemoryTree tree = new MemoryTree();
        Random random = new Random(SEED);
        Path device = device();
        for (int i = 0; i < 40; i++) {
            long size = 1 + random.nextLong(i % 4 == 0 ? 5L * CHUNK : 20_000);
            MemoryTree.Node file = tree.file(tree.root, "f%02d".formatted(i), size, 0);
            long[] blocks = new long[(int) ((size - 1) / CHUNK) + 1];
            for (int c = 0; c < blocks.length; c++) {
                blocks[c] =
                        random.nextInt(3) == 0
                                ? ChunkList.HOLE
                                : random.nextInt(DEVICE_BLOCKS - CHUNK / 4096);
            }
            file.chunks = new ChunkList(MemoryTree.CHUNK_BITS, 1, blocks);
        }
        Path image = write(tree);
        ErofsImage ours = ErofsImage.open(image);
        byte[] bytes = Files.readAllBytes(device);
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of(device));
            ours.list(
                    ours.rootNid(),
                    (name, nid, _) -> {
                        Path file = mounted.resolve(new String(name, StandardCharsets.UTF_8));
                        byte[] expected = new byte[(int) ours.inode(nid).size()];
                        long[] blocks = ours.chunks(nid).blocks();
                        for (int c = 0; c < blocks.length; c++) {
                            if (blocks[c] != ChunkList.HOLE) {
                                int at = c * CHUNK;
                                int length = Math.min(CHUNK, expected.length - at);
                                System.arraycopy(
                                        bytes, (int) blocks[c] * 4096, expected, at, length);
                            }
                        }
                        try (InputStream in = Files.newInputStream(file)) {
                            assertThat(Arrays.equals(in.readAllBytes(), expected))
                                    .as("%s, seed %d", file.getFileName(), SEED)
                                    .isTrue();
                        }
                    });
        }
    }

    @Test
    void linkCountsAndInodesAreTheKernels() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node file = tree.file(tree.root, "a", 0, 0);
        MemoryTree.Node sub = tree.directory(tree.root, "sub");
        tree.link(sub, "b", file);
        tree.directory(sub, "c");
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(write(tree), List.of(device()));

            assertThat(Files.getAttribute(mounted.resolve("a"), "unix:nlink")).isEqualTo(2);
            assertThat(Files.getAttribute(mounted, "unix:nlink")).isEqualTo(3);
            assertThat(Files.getAttribute(mounted.resolve("sub"), "unix:nlink")).isEqualTo(3);
            assertThat(Files.getAttribute(mounted.resolve("a"), "unix:ino"))
                    .isEqualTo(Files.getAttribute(mounted.resolve("sub/b"), "unix:ino"));
        }
    }

    private Path write(MemoryTree tree) throws IOException {
        Path file = directory.resolve("image");
        ImageWriter.write(
                tree,
                new ImageOptions(
                        new UUID(3, 4),
                        "kernel",
                        1_700_000_000L,
                        List.of(DeviceSlot.of("device", DEVICE_BLOCKS))),
                file);
        return file;
    }

    /** 64 MiB of bytes that tell their places apart. */
    private Path device() throws IOException {
        Path file = directory.resolve("device");
        ByteBuffer bytes = ByteBuffer.allocate(DEVICE_BLOCKS * 4096);
        Random random = new Random(SEED);
        random.nextBytes(bytes.array());
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        return file;
    }
}

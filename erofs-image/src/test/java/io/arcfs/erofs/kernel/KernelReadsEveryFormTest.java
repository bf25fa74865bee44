package io.arcfs.erofs.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.write.Durability;
import io.arcfs.erofs.write.FileData;
import io.arcfs.erofs.write.GeneratedTree;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form that the writer can give an inode, mounted by the kernel. */
@Tag("root")
class KernelReadsEveryFormTest {
    private static final long SEED = Long.getLong("arcfs.seed", 20_261_121L);
    private static final long EPOCH = 1_700_000_000L;
    private static final int CHUNK = 1 << MemoryTree.CHUNK_BITS;

    @TempDir Path directory;

    /** Loop devices of any length: their bytes are few. */
    @TempDir(factory = InMemory.class)
    Path memory;

    @BeforeEach
    void needsTheKernel() {
        Capability.require(Capability.LOOP, Capability.EROFS);
    }

    @Test
    void compactInodesShowWhatExtendedOnesDo() throws IOException {
        MemoryTree tree = new MemoryTree();
        tree.root.mtimeSeconds = EPOCH;
        tree.root.mtimeNanos = 5;
        for (int i = 0; i < 300; i++) {
            // Every limit of the short form, on both sides.
            MemoryTree.Node file = tree.file(tree.root, "f%03d".formatted(i), i % 9, 1);
            file.uid = i % 2 == 0 ? 65_535 : 65_536;
            file.gid = i % 3 == 0 ? 65_535 : 65_536;
            file.mtimeSeconds = i % 5 == 0 ? EPOCH + 1 : EPOCH;
            file.mtimeNanos = i % 7 == 0 ? 6 : 5;
            file.xattr("user.n", "v".repeat(i));
        }
        tree.directory(tree.root, "d").mtimeSeconds = EPOCH;
        tree.symlink(tree.root, "s", "target").mtimeNanos = 5;
        Path image = directory.resolve("image");
        ImageOptions options =
                new ImageOptions(
                        new UUID(3, 4), "", EPOCH, 5, 12, List.of(DeviceSlot.of("device", 16)));
        ImageWriter.write(tree, options, image);
        Path device = sparse(directory.resolve("device"), 16 * 4096L);

        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of(device));
            assertThat(MountListing.of(mounted))
                    .containsExactlyEntriesOf(ImageAsMounted.of(ErofsImage.open(image)));
        }
        ErofsImage read = ErofsImage.open(image);
        assertThat(read.inodeLengthBytes(read.rootNid())).isLessThan(Files.size(image));
        assertThat(ImageChecker.check(read, List.of())).isEmpty();
    }

    @Test
    void sharedXattrsAreOnEveryInode() throws IOException {
        MemoryTree tree = new MemoryTree();
        Random random = new Random(SEED);
        for (int i = 0; i < 400; i++) {
            MemoryTree.Node file = tree.file(tree.root, "f%03d".formatted(i), 0, 0);
            for (int x = 0; x < 12; x++) {
                if (random.nextBoolean()) {
                    file.xattr("user.common" + x, "value" + random.nextInt(3));
                }
            }
            file.xattr("user.own", "only " + i);
            file.xattr("security.label", "system_u:object_r:archive_t:s0");
        }
        Path image = write(tree, 12, List.of());
        ErofsImage read = ErofsImage.open(image);
        long root = read.rootNid();
        // Inline they would need more than this alone.
        assertThat(read.inodeLengthBytes(root)).isPositive();
        assertThat(Files.size(image)).isLessThan(400L * (64 + 12 + 6 * 24 + 20));
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of());
            assertThat(MountListing.of(mounted))
                    .as("seed %d", SEED)
                    .containsExactlyEntriesOf(ImageAsMounted.of(read));
            assertThat(
                            KernelMounts.run(
                                    "getfattr",
                                    "--absolute-names",
                                    "--only-values",
                                    "-n",
                                    "security.label",
                                    mounted.resolve("f007").toString()))
                    .isEqualTo("system_u:object_r:archive_t:s0");
        }
        assertThat(ImageChecker.check(read, List.of())).isEmpty();
    }

    /** Data behind the inode, in blocks of the image, and both. */
    @ParameterizedTest
    @ValueSource(ints = {9, 10, 12})
    void dataWithinTheImageReadsBack(int blockBits) throws IOException {
        Random random = new Random(SEED);
        ContentTree tree = new ContentTree();
        for (int i = 0; i < 60; i++) {
            byte[] content = new byte[1 + random.nextInt(i % 4 == 0 ? 40_000 : 3000)];
            random.nextBytes(content);
            tree.content(tree.file(tree.root, "f%02d".formatted(i), content.length, 0), content);
        }
        byte[] block = new byte[2 << blockBits];
        random.nextBytes(block);
        tree.content(tree.file(tree.root, "whole", block.length, 0), block);
        MemoryTree.Node sub = tree.directory(tree.root, "names");
        for (int i = 0; i < 300; i++) {
            tree.symlink(sub, "%03d".formatted(i) + "n".repeat(i % 253), "t".repeat(1 + i * 13));
        }
        Path image = write(tree, blockBits, List.of());
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of());
            assertThat(MountListing.of(mounted))
                    .containsExactlyEntriesOf(ImageAsMounted.of(ErofsImage.open(image)));
            for (var child : tree.root.children) {
                if (tree.contents.containsKey(child.getValue().key)) {
                    assertThat(
                                    Files.readAllBytes(
                                            mounted.resolve(
                                                    new String(
                                                            child.getKey(),
                                                            StandardCharsets.UTF_8))))
                            .as(
                                    "%s, seed %d",
                                    new String(child.getKey(), StandardCharsets.UTF_8), SEED)
                            .isEqualTo(tree.contents.get(child.getValue().key));
                }
            }
        }
        assertThat(ImageChecker.check(ErofsImage.open(image), List.of())).isEmpty();
    }

    /** A device of more than 2^32 blocks, with data at its very end. */
    @Test
    void addressesOf48BitsReadBack() throws IOException {
        long blocks = (1L << 32) + 5000;
        Path device = sparse(memory.resolve("device"), blocks * 4096);
        byte[] data = new byte[CHUNK + 5];
        new Random(SEED).nextBytes(data);
        long high = blocks - 2000;
        put(device, high * 4096, Arrays.copyOf(data, CHUNK));
        put(device, 77 * 4096L, Arrays.copyOfRange(data, CHUNK, data.length));
        MemoryTree tree = new MemoryTree();
        tree.root.mtimeSeconds = EPOCH;
        MemoryTree.Node file = tree.file(tree.root, "high", data.length, 0);
        file.chunks = new ChunkList(22, 1, new long[] {high, 77});
        MemoryTree.Node holes = tree.file(tree.root, "holes", 3L * CHUNK, 0);
        holes.chunks = new ChunkList(22, 1, new long[] {ChunkList.HOLE, high, ChunkList.HOLE});
        tree.file(tree.root, "empty", 0, 0);
        tree.file(tree.root, "compact", 0, 0).mtimeSeconds = EPOCH;
        tree.symlink(tree.root, "s", "target");
        tree.directory(tree.root, "d");
        Path image = write(tree, 12, List.of(DeviceSlot.of("wide", blocks)));

        ErofsImage read = ErofsImage.open(image);
        assertThat(ImageChecker.check(read, List.of(blocks * 4096))).isEmpty();
        assertThat(
                        read.chunks(
                                        read.lookup(
                                                read.rootNid(),
                                                "high".getBytes(StandardCharsets.UTF_8)))
                                .blocks())
                .containsExactly(high, 77);
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of(device));
            assertThat(MountListing.of(mounted)).containsExactlyEntriesOf(ImageAsMounted.of(read));
            byte[] whole = new byte[3 * CHUNK];
            System.arraycopy(data, 0, whole, CHUNK, CHUNK);
            assertThat(Arrays.equals(Files.readAllBytes(mounted.resolve("holes")), whole)).isTrue();
            assertThat(Arrays.equals(Files.readAllBytes(mounted.resolve("high")), data)).isTrue();
        }
    }

    /** Several chunk sizes in one image, and files that no memory holds. */
    @Test
    void sparseFilesOfAnySizeReadBack() throws IOException {
        MemoryTree tree = new MemoryTree();
        MemoryTree.Node five = tree.file(tree.root, "5GiB", (5L << 30) + 100, 0);
        long[] blocks = new long[(int) ((five.size - 1) / CHUNK) + 1];
        Arrays.fill(blocks, ChunkList.HOLE);
        blocks[0] = 3;
        blocks[1024] = 2000; // where an offset of 32 bits starts again
        blocks[blocks.length - 1] = 5;
        five.chunks = new ChunkList(22, 1, blocks);
        MemoryTree.Node huge = tree.file(tree.root, "6TiB", 6L << 40, 0);
        huge.chunks = new ChunkList(40, 1, new long[] {-1, -1, -1, -1, -1, 1});
        MemoryTree.Node hole = tree.file(tree.root, "hole", 1L << 50, 0);
        hole.chunks = new ChunkList(43, 0, filled(128));
        MemoryTree.Node small = tree.file(tree.root, "4KiB", 3 * 4096, 0);
        small.chunks = new ChunkList(12, 1, new long[] {7, 6, ChunkList.HOLE});
        long deviceBlocks = 1L << 29;
        Path device = sparse(memory.resolve("device"), deviceBlocks * 4096);
        for (int block : new int[] {1, 3, 5, 6, 7, 2000}) {
            put(device, block * 4096L, ("block " + block).getBytes(StandardCharsets.UTF_8));
        }
        Path image = write(tree, 12, List.of(DeviceSlot.of("device", deviceBlocks)));
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of(device));
            assertThat(MountListing.of(mounted))
                    .containsExactlyEntriesOf(ImageAsMounted.of(ErofsImage.open(image)));
            assertThat(read(mounted.resolve("5GiB"), 0)).startsWith("block 3\0");
            assertThat(read(mounted.resolve("5GiB"), 4L << 30)).startsWith("block 2000\0");
            assertThat(read(mounted.resolve("5GiB"), CHUNK)).isEqualTo("\0".repeat(20));
            assertThat(read(mounted.resolve("5GiB"), 5L << 30)).startsWith("block 5\0");
            assertThat(read(mounted.resolve("6TiB"), 5L << 40)).startsWith("block 1\0");
            assertThat(read(mounted.resolve("6TiB"), 4L << 40)).isEqualTo("\0".repeat(20));
            assertThat(read(mounted.resolve("hole"), 1L << 49)).isEqualTo("\0".repeat(20));
            assertThat(read(mounted.resolve("4KiB"), 0)).startsWith("block 7\0");
            assertThat(read(mounted.resolve("4KiB"), 4096)).startsWith("block 6\0");
            assertThat(read(mounted.resolve("4KiB"), 8192)).isEqualTo("\0".repeat(20));
        }
    }

    @Test
    @Tag("slow")
    void folderOfAMillionNamesIsListedAndSearched() throws IOException {
        int count = 1_000_000;
        Path image = memory.resolve("image");
        ImageWriter.write(
                new GeneratedTree(count, 7919),
                new ImageOptions(new UUID(3, 4), "", EPOCH, List.of()),
                image,
                Durability.CACHED);
        Random random = new Random(SEED);
        try (KernelMounts mounts = new KernelMounts(directory)) {
            Path mounted = mounts.erofs(image, List.of());
            String listed =
                    KernelMounts.run("sh", "-c", "ls -U \"$0\" | sha256sum", mounted.toString());
            MessageDigest names = MessageDigest.getInstance("SHA-256");
            for (int i = 0; i < count; i++) {
                names.update(GeneratedTree.name(i));
                names.update((byte) '\n');
            }
            assertThat(listed).startsWith(HexFormat.of().formatHex(names.digest()) + " ");
            for (int i = 0; i < 1000; i++) {
                int at = random.nextInt(count);
                Path file =
                        mounted.resolve(new String(GeneratedTree.name(at), StandardCharsets.UTF_8));
                assertThat(Files.getLastModifiedTime(file).to(TimeUnit.SECONDS))
                        .isEqualTo(1_000_000L + at);
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long[] filled(int count) {
        long[] blocks = new long[count];
        Arrays.fill(blocks, ChunkList.HOLE);
        return blocks;
    }

    private static String read(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(20);
            while (bytes.hasRemaining()) {
                assertThat(channel.read(bytes, offset + bytes.position())).isPositive();
            }
            return new String(bytes.array(), StandardCharsets.UTF_8);
        }
    }

    private Path write(MemoryTree tree, int blockBits, List<DeviceSlot> devices)
            throws IOException {
        Path file = directory.resolve("image" + blockBits);
        ImageWriter.write(
                tree, new ImageOptions(new UUID(3, 4), "", EPOCH, 0, blockBits, devices), file);
        return file;
    }

    private static Path sparse(Path file, long length) throws IOException {
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(length);
        }
        return file;
    }

    private static void put(Path file, long offset, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer, offset + buffer.position());
            }
        }
    }

    /** Files whose bytes go into the image. */
    private static final class ContentTree extends MemoryTree {
        final java.util.Map<Long, byte[]> contents = new java.util.HashMap<>();

        void content(Node file, byte[] content) {
            contents.put(file.key, content);
        }

        @Override
        public FileData data(long key) throws IOException {
            byte[] content = contents.get(key);
            if (content == null) {
                return super.data(key);
            }
            return new FileData.Within((offset, target) ->
                    MemorySegment.copy(
                            content,
                            (int) offset,
                            target,
                            ValueLayout.JAVA_BYTE,
                            0,
                            (int) target.byteSize()));
        }
    }
}

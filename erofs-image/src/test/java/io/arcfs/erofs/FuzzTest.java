package io.arcfs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.extract.ExtractLimits;
import io.arcfs.erofs.extract.Extracted;
import io.arcfs.erofs.extract.FileContent;
import io.arcfs.erofs.extract.TreeExtractor;
import io.arcfs.erofs.extract.TreeSink;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.layout.SuperBlockChecksum;
import io.arcfs.erofs.merge.MergeMode;
import io.arcfs.erofs.merge.MergedTree;
import io.arcfs.erofs.remap.ImageRemap;
import io.arcfs.erofs.write.Durability;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.UnwritableTreeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged images, seeded: whatever is read of them ends in bounded time and memory with bytes or a
 * typed exception.
 */
class FuzzTest {
    private static final long SEED = Long.getLong("arcfs.seed", 20_261_121L);
    private static final Duration BOUND = Duration.ofSeconds(10);

    /** All that is ever made for one image of at most 152 KiB, most of it gone by then. */
    private static final long ALLOCATED_MAX = 256L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Cases that one thread does: what never ends is cut off, and named by its seed. */
    private static final int BATCH = 100;

    private static final Duration BATCH_BOUND = Duration.ofSeconds(60);
    private static final List<String> BASES =
            List.of(
                    "basic-chunk4m-blob",
                    "basic-plain-inline",
                    "basic-extended-sharedxattr",
                    "basic-longprefix-nosbcrc",
                    "basic-48bit-dotomitted",
                    "basic-chunk4k-blockmap",
                    "basic-b1024",
                    "dirs-chunk4m-blob");

    @TempDir(factory = InMemory.class)
    Path directory;

    /** How many damaged images. */
    int cases() {
        return Integer.getInteger("arcfs.fuzz.cases", 2000);
    }

    /** Seed of the first. */
    long firstSeed() {
        return SEED;
    }

    @Test
    void damagedImagesGiveTypedErrorsInBoundedTime() throws IOException {
        List<byte[]> bases = new ArrayList<>();
        for (String base : BASES) {
            bases.add(Corpus.bytes(base + "/meta.00"));
        }
        AtomicLong current = new AtomicLong();
        int opened = 0;
        for (int first = 0; first < cases(); first += BATCH) {
            int from = first;
            opened +=
                    Assertions.assertTimeoutPreemptively(
                            BATCH_BOUND,
                            () -> readAll(bases, from, Math.min(from + BATCH, cases()), current),
                            () -> "seed " + current);
        }
        assertThat(opened).isGreaterThan(cases() / 2);
    }

    /** Damages and reads images from one to before another; how many of them could be opened. */
    private int readAll(List<byte[]> bases, int from, int to, AtomicLong current)
            throws IOException {
        int opened = 0;
        for (int i = from; i < to; i++) {
            long seed = firstSeed() + i;
            current.set(seed);
            byte[] bytes = damaged(bases.get(i % bases.size()).clone(), new Random(seed));
            long start = System.nanoTime();
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            opened += readEverything(bytes, seed) ? 1 : 0;
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("seed %d", seed)
                    .isLessThan(BOUND);
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
                    .as("bytes allocated, seed %d", seed)
                    .isLessThan(ALLOCATED_MAX);
        }
        return opened;
    }

    /** Whether the image could be opened at all. */
    private boolean readEverything(byte[] bytes, long seed) throws IOException {
        ErofsImage image;
        try {
            image = ErofsImage.of(MemorySegment.ofArray(bytes), "seed " + seed);
        } catch (CorruptImageException | UnsupportedImageException e) {
            return false;
        }
        ImageChecker.check(image, List.of());
        Path file = directory.resolve("merged");
        try {
            MergedTree tree = MergedTree.of(List.of(image, image), MergeMode.KEEP_MARKS);
            ImageOptions options = new ImageOptions(new UUID(0, 0), "", 0, tree.deviceSlots());
            ImageWriter.write(tree, options, file, Durability.CACHED);
            Files.delete(file);
        } catch (CorruptImageException | UnsupportedImageException | UnwritableTreeException e) {
            assertThat(file).doesNotExist();
        }
        if (seed % 4 == 0) {
            remap(image, file);
        }
        try {
            Extracted extracted =
                    TreeExtractor.extract(
                            image,
                            image.rootNid(),
                            (_, _, target) -> target.fill((byte) 7),
                            new NoSink(),
                            new ExtractLimits(100_000, 16L << 20));
            assertThat(extracted.names()).isPositive();
        } catch (CorruptImageException | UnsupportedImageException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
        return true;
    }

    private static void remap(ErofsImage image, Path file) throws IOException {
        try {
            ImageRemap.write(image, (_, block, blocks) -> Math.max(0, block - blocks), file);
            Files.delete(file);
        } catch (CorruptImageException | UnsupportedImageException e) {
            assertThat(file).doesNotExist();
        }
    }

    private static byte[] damaged(byte[] bytes, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                    bytes[place(bytes, random)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 1 -> {
                int at = place(bytes, random) & ~3;
                int value = new int[] {0, -1, 1, 0x7FFFFFFF, 0xFFFF, 12, 4096}[random.nextInt(7)];
                MemorySegment.ofArray(bytes)
                        .set(
                                ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                                Math.min(at, bytes.length - 4),
                                value);
            }
            case 2 -> {
                int length = 1 + random.nextInt(512);
                int from = random.nextInt(bytes.length - length);
                int to = random.nextInt(bytes.length - length);
                System.arraycopy(bytes, from, bytes, to, length);
            }
            default -> {
                if (random.nextBoolean()) {
                    return Arrays.copyOf(bytes, random.nextInt(bytes.length));
                }
                bytes[place(bytes, random)] = (byte) random.nextInt(256);
            }
        }
        fixChecksum(bytes);
        return bytes;
    }

    /** Mostly in the first blocks, where inodes and directories are. */
    private static int place(byte[] bytes, Random random) {
        int end = random.nextInt(3) == 0 ? bytes.length : Math.min(bytes.length, 20_000);
        return 1024 + random.nextInt(end - 1024);
    }

    /** So that the damage is not found by the checksum alone. */
    private static void fixChecksum(byte[] bytes) {
        int blockBits = bytes[1024 + 12];
        if (blockBits >= 9 && blockBits <= 16) {
            int end = (int) SuperBlockChecksum.end(1L << blockBits);
            if (end <= bytes.length) {
                MemorySegment segment = MemorySegment.ofArray(bytes);
                long checksum =
                        SuperBlockChecksum.of(segment.asSlice(1024, end - 1024L).asByteBuffer());
                segment.set(
                        ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                        1028,
                        (int) checksum);
            }
        }
    }

    /** Takes everything and reads it. */
    private static final class NoSink implements TreeSink {
        @Override
        public void enterDirectory(byte[] name, Inode directory) {}

        @Override
        public void leaveDirectory(Inode directory, List<Xattr> xattrs) {}

        @Override
        public void regularFile(byte[] name, Inode file, List<Xattr> xattrs, FileContent content)
                throws IOException {
            content.copyTo((_, _) -> {});
        }

        @Override
        public void symlink(byte[] name, Inode link, List<Xattr> xattrs, byte[] target) {}

        @Override
        public void special(byte[] name, Inode node, List<Xattr> xattrs) {}

        @Override
        public void hardLink(byte[] name, List<byte[]> firstPath) {}

        @Override
        public void unreadable(List<byte[]> path, IOException reason) {}
    }
}

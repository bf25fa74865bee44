package io.arcfs.erofs.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.write.Durability;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random trees, written by us and mounted by the kernel: tree, contents, xattrs and link counts are
 * the source's.
 */
@Tag("root")
class KernelReadsRandomTreesTest {
    private static final long SEED = Long.getLong("arcfs.seed", 20_261_121L);

    @TempDir(factory = InMemory.class)
    Path directory;

    /** How many trees. */
    int trees() {
        return Integer.getInteger("arcfs.write.trees", 40);
    }

    /** Seed of the first. */
    long firstSeed() {
        return SEED;
    }

    @BeforeEach
    void needsTheKernel() {
        Capability.require(Capability.LOOP, Capability.EROFS);
    }

    @Test
    void mountShowsTheSource() throws IOException {
        byte[] bytes = new byte[RandomTree.DEVICE_BLOCKS << 10];
        new Random(SEED).nextBytes(bytes);
        Path device = Files.write(directory.resolve("device"), bytes);
        for (int i = 0; i < trees(); i++) {
            long seed = firstSeed() + i;
            int blockBits = new int[] {12, 12, 10, 9}[i % 4];
            // One in three with addresses of 48 bits: the device is said to be longer than it is.
            long deviceBlocks = i % 3 == 2 ? 1L << 33 : bytes.length >> blockBits;
            RandomTree tree = new RandomTree(seed, blockBits, bytes);
            Path image = directory.resolve("image" + i);
            ImageWriter.write(
                    tree,
                    new ImageOptions(
                            new UUID(1, seed),
                            "random",
                            RandomTree.EPOCH,
                            0,
                            blockBits,
                            List.of(DeviceSlot.of("device", deviceBlocks))),
                    image,
                    Durability.CACHED);
            assertThat(ImageChecker.check(ErofsImage.open(image), List.of()))
                    .as("seed %d", seed)
                    .isEmpty();
            try (KernelMounts mounts = new KernelMounts(directory)) {
                Path mounted = mounts.erofs(image, List.of(device));
                assertThat(WholeListing.differences(WholeListing.of(mounted), tree.shown()))
                        .as("seed %d", seed)
                        .isEmpty();
            }
            Files.delete(image);
        }
    }
}

package io.arcfs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lookups leave for the garbage collector: nothing. */
class LookupAllocationTest {
    private static final int NAMES = 20_000;
    private static final int ROUNDS = 10;

    @TempDir(factory = InMemory.class)
    Path directory;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void lookupAllocatesNothing() throws IOException {
        MemoryTree tree = new MemoryTree();
        byte[][] names = new byte[2 * NAMES][];
        for (int i = 0; i < NAMES; i++) {
            names[2 * i] = "name%06d".formatted(i).getBytes(StandardCharsets.UTF_8);
            names[2 * i + 1] = "none%06d".formatted(i).getBytes(StandardCharsets.UTF_8);
            tree.link(tree.root, names[2 * i], tree.node(0x8000 | 0644));
        }
        Path file = directory.resolve("image");
        ImageWriter.write(tree, new ImageOptions(new UUID(1, 2), "", 0, List.of()), file);
        ErofsImage image = ErofsImage.open(file);
        long found = 0;
        // Until it is compiled: interpreted code makes objects that compiled code does not.
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            found += lookUp(image, names);
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(found).isEqualTo((long) ROUNDS * NAMES);
        assertThat(allocated).as("bytes of %d lookups", names.length).isLessThan(names.length);
    }

    private static long lookUp(ErofsImage image, byte[][] names) throws IOException {
        long found = 0;
        for (byte[] name : names) {
            if (image.lookup(image.rootNid(), name) != ErofsImage.ABSENT) {
                found++;
            }
        }
        return found;
    }
}

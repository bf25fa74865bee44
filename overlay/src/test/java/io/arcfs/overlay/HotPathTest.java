package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.arcfs.overlay.FileSystem.OpenMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every read and append runs through makes no garbage once it is compiled. */
@Tag("slow")
final class HotPathTest {
    private static final int CALLS = 20_000;
    private static final int BATCHES = 100;
    private static final int BYTES = 4096;
    private static final int BLOCKS = 16;

    @TempDir Path directory;
    private Volume volume;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BYTES, BYTES);

    private interface Call {
        void run(int number) throws IOException;
    }

    @BeforeEach
    void open() throws IOException {
        volume = Volume.in(directory);
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
        arena.close();
    }

    /** Calls until the compiler has done what it can: at the end nothing may be left. */
    private static void allocatesNothing(Call call) throws IOException {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int batch = 0; batch < BATCHES && least >= CALLS; batch++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.run(i);
            }
            least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes allocated by %d calls", CALLS).isLessThan(CALLS);
    }

    private void writeBlocks(OpenFile file) throws IOException {
        for (int i = 0; i < BLOCKS; i++) {
            file.write((long) i * BYTES, buffer.fill((byte) (i + 1)));
        }
    }

    private static long place(int number) {
        return (long) (number % BLOCKS) * BYTES;
    }

    @Test
    void readsOfAnUpperFile() throws Exception {
        volume.create("/f", "");
        OpenFile file = volume.open("/f", OpenMode.READ_WRITE);
        writeBlocks(file);
        allocatesNothing(i -> file.read(place(i), buffer));
        file.release();
    }

    @Test
    void readsOfAnArchivedFile() throws Exception {
        volume.create("/f", "");
        OpenFile writer = volume.open("/f", OpenMode.READ_WRITE);
        writeBlocks(writer);
        writer.release();
        volume.archive();
        OpenFile file = volume.open("/f", OpenMode.READ);
        allocatesNothing(i -> file.read(place(i), buffer));
        file.release();
    }

    @Test
    void appends() throws Exception {
        volume.create("/f", "");
        OpenFile file = volume.open("/f", OpenMode.READ_WRITE);
        MemorySegment few = buffer.asSlice(0, 8);
        allocatesNothing(_ -> file.append(few));
        file.release();
    }

    /** The kernel's forgets do little more than take the lock of the namespace for reading. */
    @Test
    void twoThreadsThatReadTheNamespace() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> other =
                    threads.submit(() -> {
                        while (!done.get()) {
                            volume.fs().forget(FileSystem.ROOT_INODE, 0);
                        }
                    });
            try {
                allocatesNothing(_ -> volume.fs().forget(FileSystem.ROOT_INODE, 0));
            } finally {
                done.set(true);
            }
            other.get();
        }
    }
}

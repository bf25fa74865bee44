package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.OpenMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rounds while writers append, readers read and others make and remove names. */
final class SealUnderLoadTest {
    private static final int WRITERS = 3;
    private static final int APPENDS = 1500;

    @TempDir Path directory;

    @Test
    @Timeout(120)
    void everyAppendedByteIsReadBackThroughRoundsAndMerges() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (Volume volume = Volume.in(directory);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                String path = "/file" + w;
                long seed = w;
                volume.create(path, "");
                writers.add(threads.submit(() -> appendAll(volume, path, seed)));
            }
            Future<?> names = threads.submit(() -> churn(volume, done));
            try {
                for (int round = 0; round < 12; round++) {
                    volume.archive();
                    if (round % 5 == 4) {
                        volume.mergeAll();
                    }
                }
                for (Future<?> writer : writers) {
                    writer.get();
                }
            } finally {
                done.set(true);
            }
            names.get();
            check(volume);
            volume.archive();
            check(volume);
            volume.mergeAll();
            volume.reopen();
            check(volume);
        }
    }

    private static byte[] content(long seed) {
        Random random = new Random(seed);
        byte[] all = new byte[APPENDS * 997];
        random.nextBytes(all);
        return all;
    }

    /** Appends in pieces through one handle and reads every piece back at once. */
    private static Void appendAll(Volume volume, String path, long seed) throws Exception {
        byte[] all = content(seed);
        OpenFile file = volume.open(path, OpenMode.READ_WRITE);
        for (int i = 0; i < APPENDS; i++) {
            byte[] piece = java.util.Arrays.copyOfRange(all, i * 997, (i + 1) * 997);
            Volume.write(file, i * 997L, piece);
            assertThat(Volume.read(file, i * 997L, 997)).isEqualTo(piece);
            if (i % 100 == 50) {
                byte[] before = java.util.Arrays.copyOf(all, 997);
                assertThat(Volume.read(file, 0, 997)).isEqualTo(before);
                file.fsync();
            }
        }
        file.release();
        return null;
    }

    private static Void churn(Volume volume, AtomicBoolean done) throws Exception {
        volume.mkdir("/dir");
        for (int i = 0; !done.get() && i < 3000; i++) {
            volume.create("/dir/n" + i, "v" + i);
            assertThat(volume.text("/dir/n" + i)).isEqualTo("v" + i);
            volume.rename("/dir/n" + i, "/dir/m");
            assertThat(volume.list("/dir")).containsExactly("m");
        }
        return null;
    }

    private static void check(Volume volume) throws Exception {
        for (int w = 0; w < WRITERS; w++) {
            assertThat(volume.readAll("/file" + w)).isEqualTo(content(w));
        }
        assertThat(volume.list("/dir")).containsExactly("m");
    }
}

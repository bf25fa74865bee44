package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.device.WaitPoint;
import io.arcfs.fuse.memory.Observer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Readers whose pages the kernel caches, while somebody appends: never a zero that was not written.
 */
class NativeCoherenceTest extends OnNativeMount {
    private static final byte OLD = 'x';
    private static final byte NEW = 'y';

    private static byte[] filled(byte value, int count) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, value);
        return bytes;
    }

    /** Holds the first write that comes while it is armed. */
    private static final class HeldWrite implements Observer {
        final CountDownLatch come = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public void writing(long bytes) {
            if (come.getCount() == 0) {
                return;
            }
            WaitPoint.enter();
            come.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private CompletableFuture<Void> appendLater(FileChannel writer) {
        return CompletableFuture.runAsync(() -> {
            try {
                writer.write(ByteBuffer.wrap(filled(NEW, 100)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private byte[] expected() {
        byte[] all = Arrays.copyOf(filled(OLD, 100), 200);
        Arrays.fill(all, 100, 200, NEW);
        return all;
    }

    @Test
    void aReaderThatCameAndWentDuringAnAppendLeavesNoZerosBehind() throws Exception {
        Files.write(at("log"), filled(OLD, 100));
        var held = new HeldWrite();
        try (FileChannel writer = append("log")) {
            fileSystem.observe(held);
            CompletableFuture<Void> appended = appendLater(writer);
            held.come.await();
            long released = requests("release");
            assertThat(Files.readAllBytes(at("log"))).isEqualTo(filled(OLD, 100));
            assertThat(mapped("log")).as("mapped meanwhile").isEqualTo(OLD);
            eventually("the reader's handle is gone", () -> requests("release") > released);
            held.goOn.countDown();
            appended.join();

            assertThat(Files.readAllBytes(at("log"))).isEqualTo(expected());
        }
    }

    private byte mapped(String name) throws IOException {
        try (FileChannel reader = FileChannel.open(at(name), StandardOpenOption.READ)) {
            return reader.map(FileChannel.MapMode.READ_ONLY, 0, 100).get(99);
        }
    }

    @Test
    void aReaderThatStaysSeesWhatWasAppendedBehindItsPage() throws Exception {
        Files.write(at("log"), filled(OLD, 100));
        var held = new HeldWrite();
        try (FileChannel writer = append("log");
                FileChannel reader = FileChannel.open(at("log"), StandardOpenOption.READ)) {
            fileSystem.observe(held);
            CompletableFuture<Void> appended = appendLater(writer);
            held.come.await();
            assertThat(reader.read(ByteBuffer.allocate(4096), 0)).isEqualTo(100);
            held.goOn.countDown();
            appended.join();

            ByteBuffer all = ByteBuffer.allocate(4096);
            assertThat(reader.read(all, 0)).isEqualTo(200);
            assertThat(Arrays.copyOf(all.array(), 200)).isEqualTo(expected());
        }
    }

    @Test
    void readersOfTheLastPageNeverSeeZerosWhileSomebodyAppends() throws Exception {
        var done = new AtomicBoolean();
        var zeros = new AtomicBoolean();
        Files.write(at("log"), filled(OLD, 1));
        Runnable reading =
                () -> {
                    var page = ByteBuffer.allocate(8192);
                    try (FileChannel reader =
                            FileChannel.open(at("log"), StandardOpenOption.READ)) {
                        while (!done.get()) {
                            long start = Math.max(0, reader.size() - 3000);
                            page.clear();
                            int count = reader.read(page, start);
                            for (int i = 0; i < count; i++) {
                                if (page.get(i) != OLD) {
                                    zeros.set(true);
                                }
                            }
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
        var readers = new CompletableFuture<?>[3];
        for (int i = 0; i < readers.length; i++) {
            readers[i] = CompletableFuture.runAsync(reading);
        }
        try (FileChannel writer = append("log")) {
            for (int i = 0; i < 3000; i++) {
                writer.write(ByteBuffer.wrap(filled(OLD, 1 + i % 700)));
            }
        } finally {
            done.set(true);
        }
        CompletableFuture.allOf(readers).join();
        assertThat(zeros).isFalse();
        assertThat(Files.readAllBytes(at("log"))).containsOnly(OLD);
    }
}

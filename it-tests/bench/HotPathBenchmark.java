import com.sun.management.ThreadMXBean;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.OpenFile;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.LongAdder;

/**
 * Calls a second, CPU time and bytes allocated a call, for one thread and for two on two files: VOLUME SECONDS.
 */
public final class HotPathBenchmark {
    private static final Caller CALLER = new Caller(0, 0, 0);
    private static final int BYTES = 4096;
    private static final int BLOCKS = 256;

    private interface Call {
        void run(int thread, int number, MemorySegment buffer) throws IOException;
    }

    private final FileSystem files;
    private final int seconds;

    private HotPathBenchmark(FileSystem files, int seconds) {
        this.files = files;
        this.seconds = seconds;
    }

    public static void main(String[] arguments) throws Exception {
        try (Volume volume = Volume.open(Path.of(arguments[0]))) {
            new HotPathBenchmark(volume.overlay().fileSystem(), Integer.parseInt(arguments[1])).all(volume);
        }
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private OpenFile make(String name) throws IOException {
        OpenFile file =
                files.create(FileSystem.ROOT_INODE, name(name), 0644, OpenMode.READ_WRITE, CALLER).file();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BYTES, BYTES);
            for (int i = 0; i < BLOCKS; i++) {
                file.append(block.fill((byte) (i + 1)));
            }
        }
        return file;
    }

    private void all(Volume volume) throws Exception {
        System.out.printf(
                "%-18s %12s %12s %7s %8s %8s %11s %8s%n",
                "call", "1 thread /s", "2 threads /s", "factor", "cpu ns", "with 2", "bytes/call", "with 2");
        OpenFile[] archived = {make("a0"), make("a1")};
        archived[0].release();
        archived[1].release();
        volume.overlay().archive();
        for (int i = 0; i < 2; i++) {
            archived[i] = files.open(files.lookup(FileSystem.ROOT_INODE, name("a" + i)).inode(), OpenMode.READ);
        }
        OpenFile[] upper = {make("u0"), make("u1")};
        byte[][] names = {name("a0"), name("u1")};
        long[] inodes = {archived[0].inode(), upper[1].inode()};
        measure("read 4k, upper", (t, i, buffer) -> upper[t].read((long) (i % BLOCKS) * BYTES, buffer));
        measure("read 4k, archived", (t, i, buffer) -> archived[t].read((long) (i % BLOCKS) * BYTES, buffer));
        // Sliced once: what a slice takes is not the append's.
        MemorySegment[] few = {Arena.global().allocate(8), Arena.global().allocate(8)};
        measure("append 8 bytes", (t, _, _) -> upper[t].append(few[t]));
        measure("getattr", (t, _, _) -> files.getattr(inodes[t]));
        measure("lookup", (t, _, _) -> files.lookup(FileSystem.ROOT_INODE, names[t]));
    }

    private void measure(String what, Call call) throws Exception {
        run(1, call, 2);
        run(2, call, 2);
        Result one = run(1, call, seconds);
        Result two = run(2, call, seconds);
        System.out.printf(
                "%-18s %12.0f %12.0f %7.2f %8.0f %8.0f %11.1f %8.1f%n",
                what, one.rate, two.rate, two.rate / one.rate, one.nanos, two.nanos, one.bytes, two.bytes);
    }

    /** nanos: of CPU time per call, which tells more than the rate where others work, too. */
    private record Result(double rate, double nanos, double bytes) {}

    private static Result run(int threads, Call call, int seconds) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        LongAdder calls = new LongAdder();
        LongAdder nanos = new LongAdder();
        LongAdder bytes = new LongAdder();
        ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Thread[] workers = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int number = t;
            workers[t] =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try (Arena arena = Arena.ofConfined()) {
                                            MemorySegment buffer = arena.allocate(BYTES, BYTES);
                                            start.await();
                                            long before = meter.getCurrentThreadAllocatedBytes();
                                            long cpu = meter.getCurrentThreadCpuTime();
                                            long end = System.nanoTime() + seconds * 1_000_000_000L;
                                            int i = 0;
                                            while (System.nanoTime() < end) {
                                                for (int n = 0; n < 256; n++) {
                                                    call.run(number, i++, buffer);
                                                }
                                            }
                                            calls.add(i);
                                            nanos.add(meter.getCurrentThreadCpuTime() - cpu);
                                            bytes.add(meter.getCurrentThreadAllocatedBytes() - before);
                                        } catch (Exception e) {
                                            throw new IllegalStateException(e);
                                        }
                                    });
        }
        for (Thread worker : workers) {
            worker.join();
        }
        double count = calls.sum();
        return new Result(count / seconds, nanos.sum() / count, bytes.sum() / count);
    }
}

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.uring.CompletionHandler;
import io.arcfs.uring.IoUring;
import io.arcfs.uring.RingSetup;
import io.arcfs.uring.SetupFlag;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Random reads of 4 KiB through the project's ring at a fixed depth: FILE DEPTH SECONDS. Prints the
 * reads per second, after a warm-up of a second.
 */
public final class RingReadBenchmark implements CompletionHandler {
    private static final int BLOCK = 4096;
    private static final long WARM_UP_NANOS = 1_000_000_000L;

    private final IoUring ring;
    private final int fd;
    private final long blocks;
    private final MemorySegment buffers;
    private final SplittableRandom random = new SplittableRandom(7);
    private long done;

    private RingReadBenchmark(IoUring ring, int fd, long blocks, int depth) {
        this.ring = ring;
        this.fd = fd;
        this.blocks = blocks;
        buffers = Arena.ofAuto().allocate((long) depth * BLOCK, BLOCK);
    }

    public static void main(String[] words) throws Exception {
        int depth = Integer.parseInt(words[1]);
        long nanos = Long.parseLong(words[2]) * 1_000_000_000L;
        try (PosixFile file = PosixFile.open(Path.of(words[0]), OpenFlag.READ, OpenFlag.DIRECT);
                IoUring ring =
                        IoUring.openPreferring(
                                RingSetup.entries(depth),
                                SetupFlag.COOP_TASKRUN,
                                SetupFlag.SINGLE_ISSUER,
                                SetupFlag.DEFER_TASKRUN)) {
            RingReadBenchmark run =
                    new RingReadBenchmark(
                            ring, file.descriptor(), file.size() / BLOCK, depth);
            for (int slot = 0; slot < depth; slot++) {
                run.request(slot);
            }
            run.until(System.nanoTime() + WARM_UP_NANOS);
            long before = run.done;
            long start = System.nanoTime();
            run.until(start + nanos);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("%.0f%n", (run.done - before) / seconds);
        }
    }

    private void until(long end) throws IOException {
        while (System.nanoTime() < end) {
            ring.submitAndWait(1);
            ring.reap(this);
        }
    }

    private void request(int slot) throws IOException {
        long at = random.nextLong(blocks) * BLOCK;
        ring.nextSqe().read(fd, buffers.address() + (long) slot * BLOCK, BLOCK, at).userData(slot);
    }

    @Override
    public void completed(long userData, int result, int flags) {
        if (result != BLOCK) {
            throw new IllegalStateException("a read gave " + result);
        }
        done++;
        try {
            request((int) userData);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

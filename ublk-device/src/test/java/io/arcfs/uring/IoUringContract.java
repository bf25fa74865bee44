package io.arcfs.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.uring.abi.Kernel;
import io.arcfs.uring.abi.Opcode;
import io.arcfs.uring.abi.RingCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a ring does on this machine's kernel, whichever way it is called. */
@Timeout(60)
abstract class IoUringContract {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    @TempDir Path directory;
    private Arena arena;
    private PosixFile file;
    private int fd;

    abstract RingCalls calls();

    @BeforeEach
    void openFile() throws IOException {
        arena = Arena.ofShared();
        file =
                PosixFile.open(
                        directory.resolve("data"), OpenFlag.READ, OpenFlag.WRITE, OpenFlag.CREATE);
        fd = file.descriptor();
    }

    @AfterEach
    void closeFile() throws IOException {
        file.close();
        arena.close();
    }

    private IoUring ring(int entries, SetupFlag... flags) throws IOException {
        return IoUring.open(RingSetup.entries(entries).with(flags), calls());
    }

    private MemorySegment filled(int bytes, int value) {
        return arena.allocate(bytes, 4096).fill((byte) value);
    }

    private MemorySegment timespec(long nanos) {
        MemorySegment time = arena.allocate(16, 8);
        time.set(LONG, 0, nanos / 1_000_000_000L);
        time.set(LONG, 8, nanos % 1_000_000_000L);
        return time;
    }

    @Test
    void writesReadsAndSyncs() throws IOException {
        try (IoUring ring = ring(8)) {
            MemorySegment out = filled(8192, 7);
            MemorySegment in = arena.allocate(8192, 4096);
            Completions done = new Completions();
            ring.nextSqe().write(fd, out.address(), 8192, 4096).userData(1);
            done.await(ring, 1);
            ring.nextSqe().fsync(fd, Sqe.FSYNC_DATASYNC).userData(2);
            ring.nextSqe().read(fd, in.address(), 8192, 4096).userData(3);
            done.await(ring, 3);
            assertThat(done.of(1)).isEqualTo(8192);
            assertThat(done.of(2)).isZero();
            assertThat(done.of(3)).isEqualTo(8192);
            assertThat(in.mismatch(out)).isEqualTo(-1);
            assertThat(ring.inFlight()).isZero();
        }
        assertThat(Files.size(directory.resolve("data"))).isEqualTo(12288);
    }

    @Test
    void vectorsSpreadOverBuffers() throws IOException {
        try (IoUring ring = ring(8)) {
            MemorySegment a = filled(4096, 1);
            MemorySegment b = filled(4096, 2);
            MemorySegment vectors = arena.allocate(32, 8);
            vectors.setAtIndex(LONG, 0, a.address());
            vectors.setAtIndex(LONG, 1, 4096);
            vectors.setAtIndex(LONG, 2, b.address());
            vectors.setAtIndex(LONG, 3, 4096);
            Completions done = new Completions();
            ring.nextSqe().writev(fd, vectors.address(), 2, 0).userData(1);
            done.await(ring, 1);
            assertThat(done.of(1)).isEqualTo(8192);
            a.fill((byte) 0);
            b.fill((byte) 0);
            ring.nextSqe().readv(fd, vectors.address(), 2, 0).userData(2);
            done.await(ring, 2);
            assertThat(done.of(2)).isEqualTo(8192);
            assertThat(a.get(ValueLayout.JAVA_BYTE, 4095)).isEqualTo((byte) 1);
            assertThat(b.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 2);
        }
    }

    @Test
    void fallocateMakesAndPunches() throws IOException {
        try (IoUring ring = ring(4)) {
            Completions done = new Completions();
            ring.nextSqe().fallocate(fd, 0, 0, 1 << 20).userData(1);
            done.await(ring, 1);
            assertThat(done.of(1)).isZero();
            assertThat(file.allocatedBytes()).isGreaterThanOrEqualTo(1 << 20);
            ring.nextSqe().fallocate(fd, 3, 0, 1 << 20).userData(2);
            done.await(ring, 2);
            assertThat(done.of(2)).isZero();
            assertThat(file.allocatedBytes()).isLessThan(1 << 20);
        }
    }

    @Test
    void dsyncWriteSucceeds() throws IOException {
        try (IoUring ring = ring(4)) {
            Completions done = new Completions();
            ring.nextSqe()
                    .write(fd, filled(4096, 3).address(), 4096, 0)
                    .callFlags(Sqe.RW_DSYNC)
                    .userData(1);
            assertThat(done.await(ring, 1).of(1)).isEqualTo(4096);
        }
    }

    @Test
    void registeredFilesAndBuffersServe() throws IOException {
        try (IoUring ring = ring(8)) {
            MemorySegment buffer = filled(8192, 9);
            ring.registrations().files(fd);
            ring.registrations().buffers(List.of(buffer));
            Completions done = new Completions();
            ring.nextSqe().writeFixed(0, buffer.address(), 4096, 0, 0).fixedFile().userData(1);
            done.await(ring, 1);
            assertThat(done.of(1)).isEqualTo(4096);
            ring.nextSqe()
                    .readFixed(0, buffer.address() + 4096, 4096, 0, 0)
                    .fixedFile()
                    .userData(2);
            done.await(ring, 2);
            assertThat(done.of(2)).isEqualTo(4096);
            ring.registrations().unregisterBuffers();
            ring.registrations().unregisterFiles();
            ring.nextSqe().readFixed(0, buffer.address(), 1, 0, 0).fixedFile().userData(3);
            assertThat(done.await(ring, 3).of(3)).isEqualTo(-Errno.EBADF.code());
        }
    }

    @Test
    void sparseSlotsAreFilledLater() throws IOException {
        try (IoUring ring = ring(8)) {
            MemorySegment buffer = filled(4096, 4);
            ring.registrations().sparseFiles(4);
            ring.registrations().sparseBuffers(4);
            Completions done = new Completions();
            ring.nextSqe().writeFixed(2, buffer.address(), 4096, 0, 3).fixedFile().userData(1);
            assertThat(done.await(ring, 1).of(1)).isEqualTo(-Errno.EBADF.code());
            ring.registrations().updateFiles(2, fd);
            ring.nextSqe().writeFixed(2, buffer.address(), 4096, 0, 3).fixedFile().userData(2);
            assertThat(done.await(ring, 2).of(2)).isEqualTo(-Errno.EFAULT.code());
            ring.registrations().updateBuffers(3, List.of(buffer));
            ring.nextSqe().writeFixed(2, buffer.address(), 4096, 0, 3).fixedFile().userData(3);
            assertThat(done.await(ring, 3).of(3)).isEqualTo(4096);
        }
    }

    @Test
    void buffersAreNotUnregisteredUnderRequestsInFlight() throws IOException {
        try (IoUring ring = ring(8);
                EventCounter counter = new EventCounter()) {
            MemorySegment buffer = filled(4096, 0);
            ring.registrations().buffers(List.of(buffer));
            Completions done = new Completions();
            ring.nextSqe().readFixed(counter.descriptor(), buffer.address(), 8, 0, 0).userData(1);
            ring.submit();
            assertThatThrownBy(() -> ring.registrations().unregisterBuffers())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("1 requests are in flight");
            counter.raise();
            assertThat(done.await(ring, 1).of(1)).isEqualTo(8);
            assertThat(buffer.get(LONG, 0)).isEqualTo(1);
            ring.registrations().unregisterBuffers();
        }
    }

    @Test
    void linkedRequestsRunInOrderAndBreakOnFailure() throws IOException {
        try (IoUring ring = ring(8)) {
            MemorySegment out = filled(4096, 5);
            Completions done = new Completions();
            ring.nextSqe().write(fd, out.address(), 4096, 0).link().userData(1);
            ring.nextSqe().fsync(fd, 0).link().userData(2);
            ring.nextSqe().read(fd, out.address(), 4096, 0).userData(3);
            done.await(ring, 3);
            assertThat(done.order()).containsExactly(1L, 2L, 3L);
            ring.nextSqe().read(-1, out.address(), 1, 0).link().userData(4);
            ring.nextSqe().nop().userData(5);
            ring.nextSqe().read(-1, out.address(), 1, 0).hardLink().userData(6);
            ring.nextSqe().nop().userData(7);
            done.await(ring, 7);
            assertThat(done.of(4)).isEqualTo(-Errno.EBADF.code());
            assertThat(done.of(5)).isEqualTo(-Errno.ECANCELED.code());
            assertThat(done.of(7)).isZero();
        }
    }

    @Test
    void timeoutsFireAndAreRemoved() throws IOException {
        try (IoUring ring = ring(8)) {
            Completions done = new Completions();
            long start = System.nanoTime();
            ring.nextSqe().timeout(timespec(20_000_000).address(), 0, 0).userData(1);
            ring.nextSqe().timeout(timespec(60_000_000_000L).address(), 0, 0).userData(2);
            done.await(ring, 1);
            assertThat(done.of(1)).isEqualTo(-Errno.ETIME.code());
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
            ring.nextSqe().timeoutRemove(2).userData(3);
            done.await(ring, 3);
            assertThat(done.of(2)).isEqualTo(-Errno.ECANCELED.code());
            assertThat(done.of(3)).isZero();
        }
    }

    @Test
    void linkTimeoutBoundsARequest() throws IOException {
        try (IoUring ring = ring(8);
                EventCounter counter = new EventCounter()) {
            Completions done = new Completions();
            MemorySegment in = arena.allocate(8);
            ring.nextSqe().read(counter.descriptor(), in.address(), 8, 0).link().userData(1);
            ring.nextSqe().linkTimeout(timespec(10_000_000).address(), 0).userData(2);
            done.await(ring, 2);
            assertThat(done.of(1)).isIn(-Errno.ECANCELED.code(), -Errno.EINTR.code());
            assertThat(done.of(2)).isEqualTo(-Errno.ETIME.code());
        }
    }

    @Test
    void cancelEndsAWaitingRequest() throws IOException {
        try (IoUring ring = ring(8);
                EventCounter counter = new EventCounter()) {
            Completions done = new Completions();
            MemorySegment in = arena.allocate(8);
            ring.nextSqe().read(counter.descriptor(), in.address(), 8, 0).userData(1);
            ring.nextSqe().cancel(1, 0).userData(2);
            ring.nextSqe().cancel(99, 0).userData(3);
            done.await(ring, 3);
            assertThat(done.of(1)).isEqualTo(-Errno.ECANCELED.code());
            assertThat(done.of(2)).isZero();
            assertThat(done.of(3)).isEqualTo(-Errno.ENOENT.code());
        }
    }

    @Test
    void pollSaysWhenAFileIsReadable() throws IOException {
        try (IoUring ring = ring(8);
                EventCounter counter = new EventCounter()) {
            Completions done = new Completions();
            ring.nextSqe().poll(counter.descriptor(), Sqe.POLLIN).userData(1);
            ring.nextSqe().pollMultishot(counter.descriptor(), Sqe.POLLIN).userData(2);
            ring.submit();
            assertThat(ring.reap(done)).isZero();
            counter.raise();
            done.await(ring, 2);
            assertThat(done.of(1) & Sqe.POLLIN).isEqualTo(Sqe.POLLIN);
            assertThat(done.of(2) & Sqe.POLLIN).isEqualTo(Sqe.POLLIN);
            assertThat(ring.inFlight()).isEqualTo(1); // the multishot goes on
            ring.nextSqe().pollRemove(2).userData(3);
            done.await(ring, 4);
            assertThat(done.of(3)).isZero();
            assertThat(ring.inFlight()).isZero();
        }
    }

    @Test
    void otherThreadsWakeARingThroughAnEventfd() throws Exception {
        try (IoUring ring = ring(8);
                Waker waker = new Waker()) {
            Completions done = new Completions();
            waker.arm(ring, 5);
            ring.submit();
            Thread other = Thread.ofPlatform().start(waker::wake);
            done.await(ring, 1);
            other.join();
            waker.acknowledge();
            assertThat(done.of(5)).isEqualTo(8);
            waker.wake();
            waker.wake(); // one more wake before anybody looks changes nothing
            waker.arm(ring, 6);
            assertThat(done.await(ring, 2).of(6)).isEqualTo(8);
        }
    }

    @Test
    void anotherRingPostsACompletion() throws IOException {
        try (IoUring ring = ring(8);
                IoUring other = ring(8)) {
            Completions sent = new Completions();
            other.nextSqe().messageRing(ring.descriptor(), 42, 7).userData(1);
            assertThat(sent.await(other, 1).of(1)).isZero();
            Completions received = new Completions();
            received.await(ring, 1);
            assertThat(received.of(7 | IoUring.FOREIGN)).isEqualTo(42);
            assertThat(ring.inFlight()).isZero();
        }
    }

    @Test
    void registeredEventfdCountsCompletions() throws IOException {
        try (IoUring ring = ring(8);
                EventCounter counter = new EventCounter()) {
            ring.registrations().eventfd(counter.descriptor());
            Completions done = new Completions();
            ring.nextSqe().nop().userData(1);
            done.await(ring, 1);
            assertThat(counter.value()).isEqualTo(1);
            ring.registrations().unregisterEventfd();
        }
    }

    @Test
    void moreCompletionsThanTheQueueHoldsAreNotLost() throws IOException {
        try (IoUring ring = IoUring.open(RingSetup.entries(4).completions(4), calls())) {
            Completions done = new Completions();
            for (int i = 0; i < 100; i++) {
                ring.nextSqe().nop().userData(i);
                if (i % 4 == 3) {
                    ring.submit();
                }
            }
            done.await(ring, 100);
            assertThat(done.order()).doesNotHaveDuplicates().hasSize(100);
            assertThat(ring.inFlight()).isZero();
        }
    }

    @Test
    void closingUnderLoadWaitsForWhatIsInFlight() throws IOException {
        file.truncate(64 << 20);
        MemorySegment buffers = arena.allocate(64 * 4096, 4096);
        try (EventCounter counter = new EventCounter()) {
            IoUring ring = ring(128);
            for (int i = 0; i < 64; i++) {
                long at = buffers.address() + i * 4096L;
                ring.nextSqe().write(fd, at, 4096, i * 65536L).async().userData(i);
            }
            for (int i = 0; i < 16; i++) {
                ring.nextSqe().read(counter.descriptor(), buffers.address(), 8, 0).userData(99);
            }
            ring.submit();
            ring.close();
            ring.close(); // idempotent
            assertThat(ring.inFlight()).isZero();
            assertThatThrownBy(ring::nextSqe).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void setupFlagsWork() throws IOException {
        SetupFlag[][] combinations = {
            {SetupFlag.SQE128},
            {SetupFlag.SQPOLL},
            {SetupFlag.CLAMP},
            {SetupFlag.SUBMIT_ALL},
            {SetupFlag.COOP_TASKRUN},
            {SetupFlag.COOP_TASKRUN, SetupFlag.TASKRUN_FLAG},
            {SetupFlag.SINGLE_ISSUER},
            {SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN},
        };
        MemorySegment out = filled(4096, 6);
        for (SetupFlag[] flags : combinations) {
            assertThat(SetupFlag.isUsable(flags)).as(List.of(flags).toString()).isTrue();
            try (IoUring ring = ring(8, flags)) {
                Completions done = new Completions();
                for (int round = 0; round < 50; round++) {
                    ring.nextSqe().write(fd, out.address(), 4096, 0).userData(2L * round);
                    ring.nextSqe().read(fd, out.address(), 4096, 0).userData(2L * round + 1);
                    done.await(ring, 2 * round + 2);
                    assertThat(done.of(2L * round)).isEqualTo(4096);
                }
                assertThat(ring.inFlight()).isZero();
            }
        }
    }

    @Test
    void disabledRingTakesRequestsAfterEnable() throws IOException {
        try (IoUring ring = ring(4, SetupFlag.R_DISABLED)) {
            ring.nextSqe().nop().userData(1);
            assertThatThrownBy(ring::submit)
                    .isInstanceOf(PosixException.class)
                    .hasMessageContaining("io_uring_enter: EBADFD");
            ring.enable();
            assertThat(new Completions().await(ring, 1).of(1)).isZero();
        }
    }

    @Test
    void polledRingFallsAsleepAndIsWoken() throws IOException {
        RingSetup setup = RingSetup.entries(4).with(SetupFlag.SQPOLL).pollerIdle(1);
        try (IoUring ring = IoUring.open(setup, calls())) {
            Completions done = new Completions();
            for (int i = 0; i < 20; i++) {
                ring.nextSqe().nop().userData(i);
                done.await(ring, i + 1);
                java.util.concurrent.locks.LockSupport.parkNanos(3_000_000);
            }
            assertThat(done.count()).isEqualTo(20);
        }
    }

    @Test
    void iopollReadsFromADeviceThatCan() throws IOException {
        // Most file systems and disks here cannot: then the ring says so per request.
        try (IoUring ring = ring(4, SetupFlag.IOPOLL)) {
            file.truncate(4096);
            Completions done = new Completions();
            MemorySegment in = arena.allocate(4096, 4096);
            ring.nextSqe().read(fd, in.address(), 4096, 0).userData(1);
            assertThat(done.await(ring, 1).of(1))
                    .isIn(4096, -Errno.EOPNOTSUPP.code(), -Errno.EINVAL.code());
        }
    }

    @Test
    void completionQueueHasTheSizeAskedFor() throws IOException {
        try (IoUring ring = IoUring.open(RingSetup.entries(8).completions(64), calls())) {
            assertThat(ring.submissionEntries()).isEqualTo(8);
            assertThat(ring.completionEntries()).isEqualTo(64);
        }
    }

    @Test
    void probeTellsWhatTheKernelKnows() throws IOException {
        try (IoUring ring = ring(4)) {
            assertThat(ring.registrations().supports(Opcode.READ)).isTrue();
            assertThat(ring.registrations().supports(Opcode.URING_CMD)).isTrue();
            assertThat(ring.registrations().supports((byte) 200)).isFalse();
        }
    }

    @Test
    void errorsNameTheOperationAndErrno() {
        assertThatThrownBy(() -> ring(4, SetupFlag.DEFER_TASKRUN))
                .isInstanceOf(PosixException.class)
                .hasMessage("io_uring_setup: EINVAL (Invalid argument): 4 entries");
        assertThatThrownBy(
                        () -> {
                            try (IoUring ring = ring(4)) {
                                ring.registrations().files(12345);
                            }
                        })
                .hasMessage("io_uring_register: EBADF (Bad file descriptor): 1 files");
    }

    @Test
    void requestsAllocateNothing() throws IOException {
        file.truncate(4096);
        MemorySegment in = arena.allocate(4096, 4096);
        var threads =
                (com.sun.management.ThreadMXBean)
                        java.lang.management.ManagementFactory.getThreadMXBean();
        int[] bad = {0};
        CompletionHandler handler = (_, result, _) -> bad[0] += result == 4096 ? 0 : 1;
        try (IoUring ring = ring(8)) {
            // Steady is what stays once the compiler is done, whenever that is on a busy machine.
            long least = Long.MAX_VALUE;
            for (int turn = 0; turn < 10 && least >= 20_000; turn++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                rounds(ring, handler, in.address(), 20_000);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(bad[0]).isZero();
            assertThat(least).as("bytes in 20,000 reads").isLessThan(20_000);
        }
    }

    private void rounds(IoUring ring, CompletionHandler handler, long address, int count)
            throws IOException {
        for (int i = 0; i < count; i++) {
            ring.nextSqe().read(fd, address, 4096, 0).userData(i);
            ring.submitAndWait(1);
            while (ring.reap(handler) == 0) {
                ring.submitAndWait(1);
            }
        }
    }

    /** An eventfd whose reads wait until it is raised. */
    private static final class EventCounter implements AutoCloseable {
        private final int descriptor = Kernel.eventfd();
        private final MemorySegment number = Arena.ofAuto().allocate(8, 8);

        EventCounter() throws IOException {}

        int descriptor() {
            return descriptor;
        }

        void raise() {
            number.set(LONG, 0, 1);
            assertThat(Kernel.write(descriptor, number)).isEqualTo(8);
        }

        long value() {
            assertThat(Kernel.read(descriptor, number)).isEqualTo(8);
            return number.get(LONG, 0);
        }

        @Override
        public void close() {
            Kernel.close(descriptor);
        }
    }
}

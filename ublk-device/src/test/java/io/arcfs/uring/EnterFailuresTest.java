package io.arcfs.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.uring.abi.RingCalls;
import io.arcfs.uring.abi.RingMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What enter may answer at any time: a real ring, whose enter fails first as the test says. */
@NeedsIoUring
@Timeout(60)
class EnterFailuresTest {
    @Test
    void signalsAndFullKernelsOnlyDelay() throws IOException {
        for (Errno errno : List.of(Errno.EINTR, Errno.EAGAIN, Errno.EBUSY)) {
            Failing calls = new Failing();
            try (IoUring ring = IoUring.open(RingSetup.entries(4), calls)) {
                for (int i = 0; i < 3; i++) {
                    calls.failures.add(errno);
                }
                for (int i = 0; i < 10; i++) {
                    ring.nextSqe().nop().userData(i);
                }
                Completions done = new Completions().await(ring, 10);
                assertThat(done.order()).as(errno.name()).doesNotHaveDuplicates();
                assertThat(ring.inFlight()).isZero();
                assertThat(calls.failures).isEmpty();
            }
        }
    }

    @Test
    void endlessRefusalIsAnErrorAndNotALoop() throws IOException {
        Failing calls = new Failing();
        try (IoUring ring = IoUring.open(RingSetup.entries(4), calls)) {
            calls.always = Errno.EAGAIN;
            ring.nextSqe().nop().userData(1);
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 10_000; i++) {
                                    ring.submit();
                                }
                            })
                    .isInstanceOf(PosixException.class)
                    .hasMessageContaining("EAGAIN");
            calls.always = null;
            assertThat(new Completions().await(ring, 1).of(1)).isZero();
        }
    }

    @Test
    void otherErrorsAreTold() throws IOException {
        Failing calls = new Failing();
        try (IoUring ring = IoUring.open(RingSetup.entries(4), calls)) {
            ring.nextSqe().nop().userData(1);
            calls.failures.add(Errno.EFAULT);
            assertThatThrownBy(ring::submit)
                    .hasMessage("io_uring_enter: EFAULT (Bad address): 1 requests");
            assertThat(new Completions().await(ring, 1).of(1)).isZero();
        }
    }

    /** The best calls, with failures before them. */
    private static final class Failing implements RingCalls {
        private final RingCalls real = RingCalls.best();
        private final Deque<Errno> failures = new ArrayDeque<>();
        private @org.jspecify.annotations.Nullable Errno always;

        @Override
        public String name() {
            return "failing " + real.name();
        }

        @Override
        public RingMemory setup(int entries, MemorySegment params, Arena life)
                throws PosixException {
            return real.setup(entries, params, life);
        }

        @Override
        public int enter(
                RingMemory ring, int submit, int wait, int flags, long argument, long bytes) {
            if (always != null) {
                return -always.code();
            }
            Errno next = failures.poll();
            return next != null
                    ? -next.code()
                    : real.enter(ring, submit, wait, flags, argument, bytes);
        }

        @Override
        public int register(RingMemory ring, int operation, long argument, int count) {
            return real.register(ring, operation, argument, count);
        }

        @Override
        public void exit(RingMemory ring) {
            real.exit(ring);
        }
    }
}

package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.device.WaitPoint;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.RecallEstimate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recall would take, and who is asked before one. */
class RecallEstimateTest {
    private static final ContainerId ONE = new ContainerId(1, 1);
    private static final long START = TierFixture.TINY.firstDataAddress(1);

    @TempDir Path dir;

    @Test
    void onlyWhatIsMissingCosts() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            byte[] bytes = fixture.fillAndClose(ONE, 2, 300 * 4096);
            DeviceExtent all = new DeviceExtent(START, bytes.length);
            fixture.tier.control().awaitDestaged();
            RecallEstimate here = fixture.tier.control().estimate(List.of(all));
            assertThat(here.coldObjects()).isZero();
            assertThat(here.time()).isZero();
            assertThat(here.objects()).isPositive();

            fixture.tier.control().evictAll();
            RecallEstimate cold = fixture.tier.control().estimate(List.of(all));
            assertThat(cold.coldObjects()).isEqualTo(cold.objects()).isEqualTo(here.objects());
            assertThat(cold.coldBytes()).isGreaterThanOrEqualTo(bytes.length);
            assertThat(cold.containers()).isEqualTo(1);
            assertThat(cold.media()).hasSize(1);
            assertThat(cold.time()).isPositive();

            fixture.read(START, 10);
            RecallEstimate partly = fixture.tier.control().estimate(List.of(all));
            assertThat(partly.coldObjects()).isLessThan(cold.coldObjects());
            assertThat(fixture.status(0).objectsVerified())
                    .as("nobody touched a medium to find out")
                    .isEqualTo(fixture.status(0).objectsWritten());
        }
    }

    /** A thread that serves somebody who must not wait. */
    private static final class Refusing extends Thread implements WaitPoint.Observer {
        private final AtomicLong asked = new AtomicLong();

        Refusing(Runnable task) {
            super(task);
        }

        @Override
        public void aboutToWait() {}

        @Override
        public void aboutToRecall(long bytes) throws IOException {
            asked.addAndGet(bytes);
            throw new IOException("not for you");
        }
    }

    @Test
    void refusedReadTouchesNoMedium() throws Exception {
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.fillAndClose(ONE, 2, 300 * 4096);
            fixture.tier.control().awaitDestaged();
            fixture.tier.control().evictAll();
            AtomicReference<String> failure = new AtomicReference<>("none");
            Refusing thread =
                    new Refusing(() -> {
                        try {
                            fixture.read(START, 4096);
                        } catch (IOException e) {
                            failure.set(String.valueOf(e.getMessage()));
                        }
                    });
            thread.start();
            thread.join();
            assertThat(failure.get()).isEqualTo("not for you");
            assertThat(thread.asked.get()).isPositive();
            assertThat(fixture.status(0).objectsRead()).isZero();
        }
    }
}

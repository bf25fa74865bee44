package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.OperationTimes;
import org.junit.jupiter.api.Test;

class RequestTimesTest {
    @Test
    void classesAreThoseOfTheBounds() {
        for (int i = 0; i < OperationTimes.BOUNDS_SECONDS.size(); i++) {
            long bound = Math.round(OperationTimes.BOUNDS_SECONDS.get(i) * 1e9);
            assertThat(RequestTimes.classOf(bound)).isEqualTo(i);
            assertThat(RequestTimes.classOf(bound + 1)).isEqualTo(i + 1);
        }
        assertThat(RequestTimes.classOf(0)).isZero();
        assertThat(RequestTimes.classOf(Long.MAX_VALUE)).isEqualTo(12);
    }

    @Test
    void nothingIsKeptUntilSomebodyAsks() {
        RequestTimes times = new RequestTimes();
        times.finished(Opcode.READ, times.started());
        assertThat(times.byName()).isEmpty();
        times.measure();
        times.finished(Opcode.READ, times.started());
        times.finished(Opcode.READ, 0); // begun before
        assertThat(times.byName()).hasSize(1);
        assertThat(times.byName().values())
                .allMatch(read -> read.counts().stream().mapToLong(Long::longValue).sum() == 1);
    }
}

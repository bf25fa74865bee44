package io.arcfs.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AnswerStackTest {
    private static final int TAGS = 64;
    private static final int ANSWERS = 20_000;

    @Test
    void onlyTheFirstOnAnEmptyStackHasToWake() {
        AnswerStack stack = new AnswerStack(4);
        assertThat(stack.push(2, 20)).isTrue();
        assertThat(stack.push(0, 5)).isFalse();
        int[] seen = new int[4];
        stack.drain((tag, result) -> seen[tag] = result);
        assertThat(seen).containsExactly(5, 0, 20, 0);
        assertThat(stack.push(2, 1)).isTrue();
    }

    /** Tags go round: given to a worker, answered, drained, given out again at once. */
    @Test
    void everyAnswerOfManyThreadsComesOnceAndIsItsOwn() throws InterruptedException {
        AnswerStack stack = new AnswerStack(TAGS);
        ConcurrentLinkedQueue<long[]> work = new ConcurrentLinkedQueue<>();
        AtomicBoolean finished = new AtomicBoolean();
        AtomicLong wakes = new AtomicLong();
        Thread[] workers = new Thread[3];
        for (int i = 0; i < workers.length; i++) {
            workers[i] =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (!finished.get()) {
                                    long[] item = work.poll();
                                    if (item == null) {
                                        Thread.onSpinWait();
                                    } else if (stack.push((int) item[0], (int) item[1])) {
                                        wakes.incrementAndGet();
                                    }
                                }
                            });
        }
        int[] expected = new int[TAGS];
        int[] given = {0};
        int[] taken = {0};
        int[] wrong = {0};
        for (int tag = 0; tag < TAGS; tag++) {
            expected[tag] = ++given[0];
            work.add(new long[] {tag, expected[tag]});
        }
        while (taken[0] < ANSWERS) {
            stack.drain((tag, result) -> {
                wrong[0] += result == expected[tag] ? 0 : 1;
                taken[0]++;
                expected[tag] = ++given[0];
                work.add(new long[] {tag, expected[tag]});
            });
        }
        finished.set(true);
        for (Thread worker : workers) {
            worker.join();
        }
        assertThat(wrong[0]).isZero();
        assertThat(wakes.get()).isPositive();
    }
}

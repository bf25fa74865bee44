package io.arcfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class HandleTableTest {
    private static final long SEED = 4711;

    private final HandleTable<String> table = new HandleTable<>();

    @Test
    void aHandleFindsItsValueUntilItIsRemoved() {
        long one = table.add("one");
        long two = table.add("two");

        assertThat(table.get(one)).isEqualTo("one");
        assertThat(table.get(two)).isEqualTo("two");
        assertThat(table.remove(one)).isEqualTo("one");
        assertThat(table.get(one)).isNull();
        assertThat(table.remove(one)).isNull();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aStaleHandleDoesNotFindWhatTookItsPlace() {
        long old = table.add("old");
        table.remove(old);
        long next = table.add("next");

        assertThat(next).isNotEqualTo(old);
        assertThat(table.get(old)).isNull();
        assertThat(table.get(next)).isEqualTo("next");
    }

    @Test
    void numbersNobodyGaveFindNothing() {
        table.add("one");
        for (long handle : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1, 1L << 32}) {
            assertThat(table.get(handle)).isNull();
            assertThat(table.remove(handle)).isNull();
        }
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void itGrowsAndDrains() {
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            handles.add(table.add("value " + i));
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(table.get(handles.get(i))).isEqualTo("value " + i);
        }
        List<String> drained = new ArrayList<>();
        table.drain(drained::add);
        assertThat(drained).hasSize(10_000).doesNotHaveDuplicates();
        assertThat(table.size()).isZero();
    }

    @Test
    void manyThreadsNeverSeeEachOthersValues() throws Exception {
        int threads = 4;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Integer>> results = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                var random = new Random(SEED + t);
                String mine = "thread " + t;
                results.add(pool.submit(addAndRemove(random, mine)));
            }
            for (Future<Integer> result : results) {
                assertThat(result.get()).isZero();
            }
        }
        assertThat(table.size()).isZero();
    }

    /** Counts how often a handle found something else than was stored. */
    private Callable<Integer> addAndRemove(Random random, String mine) {
        return () -> {
            int wrong = 0;
            List<Long> open = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                if (open.isEmpty() || random.nextInt(5) > 1) {
                    open.add(table.add(mine));
                } else {
                    long handle = open.remove(random.nextInt(open.size()));
                    wrong += mine.equals(table.get(handle)) ? 0 : 1;
                    wrong += mine.equals(table.remove(handle)) ? 0 : 1;
                }
            }
            for (long handle : open) {
                wrong += mine.equals(table.remove(handle)) ? 0 : 1;
            }
            return wrong;
        };
    }
}

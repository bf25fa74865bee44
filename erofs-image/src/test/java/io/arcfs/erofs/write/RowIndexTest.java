package io.arcfs.erofs.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowIndexTest {
    private final LongColumn keys = new LongColumn();
    private final RowIndex index = new RowIndex(keys);

    private int rowOf(long key, int rows) {
        int row = index.rowOf(key, rows);
        if (row == rows) {
            keys.reserve(rows + 1);
            keys.set(row, key);
        }
        return row;
    }

    @Test
    void findsTheRowOfEveryKeyAsItGrows() {
        Random random = new Random(3);
        Map<Long, Integer> expected = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            long key = random.nextInt(3) == 0 ? random.nextInt(50_000) - 7 : random.nextLong();
            int row = rowOf(key, expected.size());
            assertThat(row).isEqualTo(expected.getOrDefault(key, expected.size()));
            expected.put(key, row);
        }
        expected.forEach(
                (key, row) -> assertThat(index.rowOf(key, expected.size())).isEqualTo(row));
    }

    @Test
    void keysMayBeZeroAndNegative() {
        assertThat(rowOf(0, 0)).isZero();
        assertThat(rowOf(-1, 1)).isEqualTo(1);
        assertThat(rowOf(Long.MIN_VALUE, 2)).isEqualTo(2);
        assertThat(rowOf(0, 3)).isZero();
        assertThat(rowOf(-1, 3)).isEqualTo(1);
        assertThat(rowOf(Long.MIN_VALUE, 3)).isEqualTo(2);
    }
}

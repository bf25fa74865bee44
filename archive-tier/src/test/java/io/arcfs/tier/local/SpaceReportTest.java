package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much fits on media of different room, a byte on {@code copies} of them. */
final class SpaceReportTest {
    @ParameterizedTest
    @CsvSource({
        "1, '100', 100",
        "1, '100 50', 150",
        "2, '100', 0",
        "2, '100 50', 50",
        "2, '100 50 50', 100",
        "2, '30 30 30', 45",
        "2, '1000 10 20', 30",
        "3, '100 100 10', 10",
        "3, '40 40 40 40', 53",
        "1, '', 0",
        "1, '9223372036854775807 5', 9223372036854775807",
        "2, '9223372036854775807 5', 5"
    })
    void whatFits(int copies, String media, long expected) {
        long[] free =
                media.isEmpty()
                        ? new long[0]
                        : java.util.Arrays.stream(media.split(" "))
                                .mapToLong(Long::parseLong)
                                .toArray();
        assertThat(SpaceReport.storable(free, copies)).isEqualTo(expected);
    }
}

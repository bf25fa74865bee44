package io.arcfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumaneTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "498073600, 475 MiB",
        "17591917608960, 16.0 TiB",
        "9223372036854775807, 8 EiB"
    })
    void bytesAreReadable(long bytes, String text) {
        assertThat(Humane.bytes(bytes)).isEqualTo(text);
    }
}

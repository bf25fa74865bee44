package io.arcfs.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextFormsTest {
    @ParameterizedTest
    @CsvSource({"0,0", "4096,4K", "4097,4097", "64K,64K", "1024M,1G", "2048G,2T", "1536M,1536M"})
    void sizesReadAndWriteAlike(String text, String canonical) {
        assertThat(SizeText.format(SizeText.parse(text))).isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({"0s,0s", "500ms,500ms", "30s,30s", "90s,90s", "120s,2m", "24h,1d", "0d,0s"})
    void durationsReadAndWriteAlike(String text, String canonical) {
        assertThat(DurationText.format(DurationText.parse(text))).isEqualTo(canonical);
        assertThat(DurationText.parse(canonical)).isEqualTo(DurationText.parse(text));
    }

    @Test
    void oneDayIsTwentyFourHours() {
        assertThat(DurationText.parse("1d")).isEqualTo(Duration.ofHours(24));
    }

    @Test
    void controlCharactersAreWrittenAsEscapes() {
        assertThat(SafeText.of("a\nb\u001b[0m\u202e\udcff\u00e9"))
                .isEqualTo("a\\nb\\x1b[0m\\u202e\\xff\u00e9");
    }
}

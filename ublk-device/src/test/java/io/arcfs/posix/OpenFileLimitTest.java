package io.arcfs.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OpenFileLimitTest {
    private static String limits(String soft) {
        return """
        Limit                     Soft Limit           Hard Limit           Units
        Max core file size        0                    unlimited            bytes
        Max open files            %s                 1048576              files
        Max locked memory         8388608              8388608              bytes
        """
                .formatted(soft);
    }

    @ParameterizedTest
    @CsvSource({
        "256, 192, 64",
        "300, 192, 108",
        "600, 300, 300",
        "1024, 512, 512",
        "1048576, 512, 1048064",
        "unlimited, 512, 2147483135"
    })
    void aReserveIsKeptBack(String soft, int reserve, int forPrograms) {
        OpenFileLimit limit = OpenFileLimit.of(limits(soft));
        assertThat(limit.reserve()).isEqualTo(reserve);
        assertThat(limit.forPrograms()).isEqualTo(forPrograms);
        assertThatCode(limit::requireEnough).doesNotThrowAnyException();
    }

    @Test
    void tooFewAreRefusedWithTheRemedy() {
        assertThatThrownBy(OpenFileLimit.of(limits("64"))::requireEnough)
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "this process may have 64 open files and needs 256; raise the limit with"
                                + " ulimit -n");
    }

    @Test
    void whereNothingIsSaidItIsTheUsual() {
        assertThat(OpenFileLimit.of("").descriptors()).isEqualTo(1024);
    }

    @Test
    void thisProcessHasOne() {
        assertThat(OpenFileLimit.ofProcess().descriptors()).isGreaterThanOrEqualTo(256);
    }
}

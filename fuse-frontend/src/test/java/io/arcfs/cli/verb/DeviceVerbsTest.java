package io.arcfs.cli.verb;

import static io.arcfs.cli.verb.ArcRun.arc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.arcfs.ublk.UblkControl;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused before any server is started; devices that live are tested in the machine. */
class DeviceVerbsTest {
    @TempDir Path scratch;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "start|Missing required parameter: 'TARGET'",
                "start disk|TARGET is 'disk': null, loop or volume",
                "start loop|a loop device needs --file PATH",
                "start null --file x|--file is for a loop device",
                "start volume|VOLUME is missing",
                "start null v|only target volume takes a VOLUME",
                "start loop --file x --size 1M|--size is for a null device",
                "start null --size 1000|a multiple of the block size 512",
                "start volume v --unprivileged|--unprivileged is for null and loop devices",
                "start null --queues 0|queues is 0: 1 to 4096",
                "start null --depth 5000|depth is 5000: 1 to 4096",
                "start null --id 99999999|id is 99999999",
                "start null --data fax|--data is 'fax'",
                "start null --max-request 4G|largest request is 4294967296",
                "start null --max-request 5000|a multiple of 4096",
                "recover sda|'sda' is no device",
                "stop sda|'sda' is no device",
                "del|name one device, or give --all",
                "del 0 --all|name one device, or give --all"
            })
    void wrongArgumentsAreOneLine(String words, String problem) {
        arc((Object[]) ("device " + words).split(" ")).refusedWith(2, problem);
    }

    @Test
    void missingFilesAreTold() {
        arc("device", "start", "loop", "--file", scratch.resolve("no"))
                .refusedWith(1, "no such file or directory");
        arc("device", "start", "volume", scratch.resolve("no"))
                .refusedWith(1, "no such file or directory");
    }

    @Test
    void withoutTheDriverEveryVerbSaysSoInOneLine() {
        assumeFalse(Files.exists(UblkControl.NODE), "this machine has the ublk driver");
        arc("device", "start", "null").refusedWith(1, "no ublk driver loaded", "modprobe ublk_drv");
        arc("device", "stop", "0").refusedWith(1, "no ublk driver loaded");
        arc("device", "recover").refusedWith(1, "no ublk driver loaded");
        arc("device", "del", "--all").refusedWith(1, "no ublk driver loaded");
        assertThat(arc("device", "list", "--json").succeeded().out()).isEqualTo("[ ]\n");
        assertThat(arc("device", "list").succeeded().out()).isEqualTo("no devices\n");
    }
}

package io.arcfs.tier.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class MediumSpecTest {
    private static final Path VOLUME = Path.of("/srv/volume");

    @Test
    void aRelativePathIsTakenFromTheVolume() {
        assertThat(MediumSpec.parse("dir:cold", VOLUME).path())
                .isEqualTo(Path.of("/srv/volume/cold"));
        assertThat(MediumSpec.parse("dir:/mnt/nas:1", VOLUME).path())
                .isEqualTo(Path.of("/mnt/nas:1"));
    }

    @Test
    void kindsNotBuiltYetAreNamed() {
        for (String spec : new String[] {"tape:/dev/nst0", "s3:bucket"}) {
            assertThatThrownBy(() -> MediumSpec.parse(spec, VOLUME))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("media are not built yet; use dir:PATH");
        }
    }

    @Test
    void aSimulatedDiskHasItsTimes() {
        MediumSpec spec =
                MediumSpec.parse("sim:/x?load=3s&locate=1500ms&mbps=0.5&scale=0.001", VOLUME);
        assertThat(spec.path()).isEqualTo(Path.of("/x"));
        assertThat(SimSettings.of(spec.parameters()))
                .isEqualTo(
                        new SimSettings(
                                Duration.ofSeconds(3),
                                Duration.ofMillis(1500),
                                500_000,
                                24_000_000_000_000L,
                                0.001));
        assertThat(SimSettings.of(MediumSpec.parse("sim:/x", VOLUME).parameters()))
                .isEqualTo(SimSettings.DEFAULT);
        assertThat(MediumSpec.parse("block:/d?size=3G", VOLUME).parameters().size("size", 0))
                .isEqualTo(3L << 30);
    }

    @Test
    void wrongParametersAreNamed() {
        String[][] cases = {
            {"sim:/x?speed=1", "speed=1"},
            {"sim:/x?mbps=fast", "mbps=fast"},
            {"sim:/x?mbps=0", "mbps=0"},
            {"sim:/x?mbps=NaN", "mbps=NaN"},
            {"sim:/x?locate=120", "locate=120"},
            {"sim:/x?locate=-1s", "locate=-1s"},
            {"sim:/x?load=1s&load=2s", "load twice"},
            {"sim:/x?load=1s&mount=2s", "the same"},
            {"sim:/x?capacity=9999999999999999T", "capacity="},
            {"sim:/x?", "behind the ?"},
            {"block:/x?size=0", "size=0"},
            {"block:/x?mbps=1", "mbps=1"},
        };
        for (String[] one : cases) {
            assertThatThrownBy(() -> MediumSpec.parse(one[0], VOLUME))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(one[1]);
        }
    }

    @Test
    void nonsenseIsRefusedWithWhatIsExpected() {
        for (String spec : new String[] {"", "dir:", ":", "/mnt/x", "floppy:a"}) {
            assertThatThrownBy(() -> MediumSpec.parse(spec, VOLUME))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("dir:PATH");
        }
    }
}

package io.arcfs.tier.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
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
        for (String spec : new String[] {"block:/dev/sdz", "sim:/x?load=30s", "s3:bucket"}) {
            assertThatThrownBy(() -> MediumSpec.parse(spec, VOLUME))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("media are not built yet; use dir:PATH");
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

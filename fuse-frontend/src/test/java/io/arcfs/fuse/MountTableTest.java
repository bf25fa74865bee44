package io.arcfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MountTableTest {
    private static final String TABLE =
            """
            22 27 0:21 / /proc rw,nosuid shared:1 - proc proc rw
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            40 27 0:39 / /mnt/my\\040films rw,nosuid,nodev shared:5 master:2 - fuse.arcfs /a\\134b\\012c rw,user_id=0
            41 27 0:40 /sub /mnt/my\\040films rw - tmpfs none rw
            a broken line
            """;

    private final MountTable table = MountTable.parse(TABLE.getBytes(UTF_8));

    @Test
    void escapedNamesAreRead() {
        MountTable.Entry entry = table.entries().get(2);

        assertThat(entry.mountpoint()).isEqualTo("/mnt/my films");
        assertThat(entry.source()).isEqualTo("/a\\b\nc");
        assertThat(entry.type()).isEqualTo("fuse.arcfs");
        assertThat(entry.device()).isEqualTo("0:39");
    }

    @Test
    void theMountOnTopIsFound() {
        assertThat(table.at(Path.of("/mnt/my films")).orElseThrow().type()).isEqualTo("tmpfs");
        assertThat(table.at(Path.of("/mnt"))).isEmpty();
        assertThat(table.shows("0:39")).isTrue();
        assertThat(table.shows("0:38")).isFalse();
    }

    @Test
    void linesThatAreNoMountsAreLeftOut() {
        assertThat(table.entries()).hasSize(4);
    }

    @Test
    void theKernelsOwnTableHasARoot() {
        assertThat(MountTable.now().at(Path.of("/"))).isPresent();
    }
}

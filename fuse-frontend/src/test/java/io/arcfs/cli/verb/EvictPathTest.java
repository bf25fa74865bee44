package io.arcfs.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.cli.ByteArguments;
import io.arcfs.fuse.MountTable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvictPathTest {
    private static final MountTable.Entry MOUNT =
            new MountTable.Entry(1, "0:1", "/mnt/archive", "fuse.arcfs", "/volume");

    @ParameterizedTest
    @CsvSource({
        "/mnt/archive/a/b, /a/b",
        "/mnt/archive, /",
        "/mnt/archive/, /",
        "/mnt/archived/x, /mnt/archived/x",
        "/a/b, /a/b",
        "a/b, a/b"
    })
    void pathBelowTheMountpointIsCutToTheVolumesOwn(String path, String fromRoot) {
        assertThat(ByteArguments.textOf(EvictVerb.fromRoot(path, MOUNT))).isEqualTo(fromRoot);
    }

    @ParameterizedTest
    @CsvSource({"/mnt/archive/a, /mnt/archive/a", "a, a"})
    void withoutAMountAPathIsTheVolumesOwn(String path, String fromRoot) {
        assertThat(ByteArguments.textOf(EvictVerb.fromRoot(path, null))).isEqualTo(fromRoot);
    }
}

package io.arcfs.fuse;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.arcfs.posix.Posix;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.AssertionFailedError;

/** Whether this machine can mount; a missing capability skips with its reason, or fails. */
public final class FuseRequirement {
    private FuseRequirement() {}

    /** Skips the test unless mounts work; fails it if ARCFS_REQUIRE says they must. */
    public static void check() throws Exception {
        Path device = Path.of("/dev/fuse");
        require(Files.exists(device), "there is no /dev/fuse");
        require(
                Files.isReadable(device) && Files.isWritable(device),
                "/dev/fuse is not open to this user");
        require(
                Posix.getuid() == 0 || Shell.has("fusermount3"),
                "neither root nor fusermount3 to mount with");
    }

    /** Skips for want of something only some tests need. */
    public static void require(boolean present, String reason) {
        String required = System.getenv().getOrDefault("ARCFS_REQUIRE", "");
        if (!present && required.contains("fuse")) {
            throw new AssertionFailedError("ARCFS_REQUIRE asks for fuse, but " + reason);
        }
        assumeTrue(present, reason);
    }
}

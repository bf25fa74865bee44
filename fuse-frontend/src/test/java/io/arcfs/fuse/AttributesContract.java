package io.arcfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.posix.Errno;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.Posix;
import java.nio.file.Files;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Attributes: modes, owners, times, extended attributes, space, and who may do what. */
public abstract class AttributesContract extends TransportContract {
    private static final int UTIME_OMIT = (1 << 30) - 2;
    private static final int UTIME_NOW = (1 << 30) - 1;
    private static final String NOBODY = "65534";

    @Test
    void timesAreKeptToTheNanosecond() throws Exception {
        Files.writeString(at("file"), "x");
        long[] seconds = {0, 1, -1, 981_173_106, 1L << 31, 1L << 34};
        for (long second : seconds) {
            Posix.utimens(path("file"), 7, 8, second, 999_999_999);
            FileStatus status = Posix.lstat(path("file"));
            assertThat(status.mtimeSeconds()).isEqualTo(second);
            assertThat(status.mtimeNanos()).isEqualTo(999_999_999);
        }
    }

    @Test
    void oneTimeIsSetWithoutTheOther() throws Exception {
        Files.writeString(at("file"), "x");
        Posix.utimens(path("file"), 5, 5, 1000, 5);

        Posix.utimens(path("file"), 77, 77, 0, UTIME_OMIT);
        assertThat(Posix.lstat(path("file")).mtimeSeconds()).isEqualTo(1000);
        Posix.utimens(path("file"), 0, UTIME_NOW, 0, UTIME_OMIT);
        assertThat(Posix.lstat(path("file")).mtimeSeconds()).isEqualTo(1000);
        Posix.utimens(path("file"), 0, UTIME_OMIT, 2000, 6);
        assertThat(Posix.lstat(path("file")).mtimeSeconds()).isEqualTo(2000);

        long before = Instant.now().getEpochSecond();
        Posix.utimens(path("file"), 0, UTIME_OMIT, 0, UTIME_NOW);
        assertThat(Posix.lstat(path("file")).mtimeSeconds()).isBetween(before - 1, before + 60);
    }

    @Test
    void modeAndOwnerChangeSeparately() throws Exception {
        FuseRequirement.require(Posix.getuid() == 0, "giving files away needs root");
        Files.writeString(at("file"), "x");
        Posix.chmod(path("file"), 06754);
        assertThat(Posix.lstat(path("file")).permissions()).isEqualTo(06754);

        Posix.lchown(path("file"), 1234, -1);
        Posix.chmod(path("file"), 0600);
        Posix.lchown(path("file"), -1, 0x7ffffffe);
        FileStatus status = Posix.lstat(path("file"));
        assertThat(status.uid()).isEqualTo(1234);
        assertThat(status.gid()).isEqualTo(0x7ffffffe);
        assertThat(status.permissions()).isEqualTo(0600);
    }

    @Test
    void writingTakesTheSetUserBitAway() throws Exception {
        FuseRequirement.require(Posix.getuid() == 0, "another user's view needs root");
        remount(
                MountOptions.DEFAULT
                        .with(MountOptions.Flag.ALLOW_OTHER, true)
                        .with(MountOptions.Flag.SUID, true));
        Files.writeString(at("file"), "x");
        Posix.chmod(path("file"), 06777);

        asNobody("echo more >> file");

        assertThat(Posix.lstat(path("file")).permissions()).isEqualTo(0777);
        Posix.chmod(path("file"), 06766);
        asNobody(": > file");
        assertThat(Posix.lstat(path("file")).permissions()).isEqualTo(02766);
        Posix.chmod(path("file"), 04777);
        sh("echo root >> file");
        assertThat(Posix.lstat(path("file")).permissions()).isEqualTo(04777);
        Posix.lchown(path("file"), 1, 1);
        assertThat(Posix.lstat(path("file")).permissions()).isEqualTo(0777);
    }

    @Test
    void otherUsersMayDoWhatModesAllowIfTheyMayEnter() throws Exception {
        FuseRequirement.require(Posix.getuid() == 0, "another user's view needs root");
        Files.writeString(at("mine"), "secret");
        assertThat(outcomeAsNobody("cat mine").output()).contains("Permission denied");

        remount(MountOptions.DEFAULT.with(MountOptions.Flag.ALLOW_OTHER, true));
        Posix.chmod(path("mine"), 0600);
        Posix.chmod(path(""), 01777);
        assertThat(outcomeAsNobody("cat mine").output()).contains("Permission denied");
        assertThat(outcomeAsNobody("rm -f mine").output()).contains("not permitted");
        assertThat(outcomeAsNobody("chmod 777 mine").output()).contains("not permitted");
        asNobody("echo theirs > theirs");
        assertThat(Posix.lstat(path("theirs")).uid()).isEqualTo(65534);
        assertThat(Files.readString(at("mine"))).isEqualTo("secret");
    }

    private void asNobody(String script) throws Exception {
        Shell.Outcome outcome = outcomeAsNobody(script);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    private Shell.Outcome outcomeAsNobody(String script) throws Exception {
        // the scratch directory's own parents are closed to others: enter first, then step down
        return Shell.run(
                root,
                "exec setpriv --reuid=$1 --regid=$1 --clear-groups sh -c \"$2\"",
                NOBODY,
                script);
    }

    @Test
    void extendedAttributesAreSetReadListedAndRemoved() throws Exception {
        Files.writeString(at("file"), "x");
        byte[] large = new byte[60_000];
        large[59_999] = 1;
        Posix.lsetxattr(path("file"), "user.large".getBytes(UTF_8), large);
        Posix.lsetxattr(path("file"), "user.empty".getBytes(UTF_8), new byte[0]);

        assertThat(Posix.lgetxattr(path("file"), "user.large".getBytes(UTF_8))).isEqualTo(large);
        assertThat(Posix.lgetxattr(path("file"), "user.empty".getBytes(UTF_8))).isEmpty();
        assertThat(Posix.llistxattr(path("file")))
                .containsExactlyInAnyOrder(
                        "user.large".getBytes(UTF_8), "user.empty".getBytes(UTF_8));
        Posix.lremovexattr(path("file"), "user.large".getBytes(UTF_8));
        assertThat(Posix.llistxattr(path("file"))).containsExactly("user.empty".getBytes(UTF_8));
        NamespaceContract.assertFails(
                Errno.ENODATA, () -> Posix.lremovexattr(path("file"), "user.no".getBytes(UTF_8)));
    }

    @Test
    void creatingAnAttributeAndReplacingOneAreDifferent() throws Exception {
        Files.writeString(at("file"), "x");
        String program =
                """
                import os
                def attempt(flags):
                    try:
                        os.setxattr('file', 'user.a', b'v', flags)
                        print('set')
                    except OSError as e:
                        print(e.strerror)
                attempt(os.XATTR_REPLACE)
                attempt(os.XATTR_CREATE)
                attempt(os.XATTR_CREATE)
                attempt(os.XATTR_REPLACE)
                """;
        assertThat(python(program)).isEqualTo("No data available\nset\nFile exists\nset");
    }

    @Test
    void aBufferTooSmallForAnAttributeIsSaidSo() throws Exception {
        Files.writeString(at("file"), "x");
        Posix.lsetxattr(path("file"), "user.name".getBytes(UTF_8), new byte[100]);
        String program =
                """
                import ctypes, os
                c = ctypes.CDLL(None, use_errno=True)
                b = ctypes.create_string_buffer(200)
                for size in (0, 99, 100):
                    n = c.lgetxattr(b'file', b'user.name', b, size)
                    print(n if n >= 0 else os.strerror(ctypes.get_errno()))
                for size in (0, 5, 10):
                    n = c.llistxattr(b'file', b, size)
                    print(n if n >= 0 else os.strerror(ctypes.get_errno()))
                """;
        assertThat(python(program))
                .isEqualTo(
                        "100\nNumerical result out of range\n100\n"
                                + "10\nNumerical result out of range\n10");
    }

    @Test
    void theSpaceShownIsTheFileSystems() throws Exception {
        Files.write(at("file"), new byte[1 << 20]);

        long total = CAPACITY_BYTES / 4096;
        long free = (CAPACITY_BYTES - (1 << 20)) / 4096;
        assertThat(sh("stat -f -c '%l %S %s %b %f %a %d' ."))
                .isEqualTo("255 4096 4096 " + total + " " + free + " " + free + " 1000000");
        assertThat(sh("df --output=fstype . | tail -1")).isEqualTo("fuse.arcfs");
    }

    @Test
    void programsAreToldToReadAndWriteInLargePieces() throws Exception {
        Files.writeString(at("file"), "x");
        assertThat(sh("stat -c %o file")).isEqualTo("131072");
    }
}

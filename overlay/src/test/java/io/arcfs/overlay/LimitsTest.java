package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.AttributeChange.Time;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Numbers at their limits stay what they are, in the upper and in an image; beyond, they are
 * refused.
 */
final class LimitsTest {
    private static final Caller ROOT = new Caller(0, 0, 0);

    @TempDir Path directory;
    private Volume volume;

    @BeforeEach
    void open() throws IOException {
        volume = Volume.in(directory);
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
    }

    private static void fails(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FsException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private Attributes stat(String path) throws IOException {
        return Objects.requireNonNull(volume.stat(path), path);
    }

    /** The same now, as an image, and after the image was merged and opened again. */
    private void staysThroughRounds(String path) throws Exception {
        Attributes before = stat(path);
        volume.archive();
        assertThat(stat(path)).isEqualTo(before);
        volume.create("/another", "x");
        volume.archive();
        volume.mergeAll();
        volume.reopen();
        assertThat(stat(path)).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 999999999",
        "-1, 0",
        "0, 0",
        "2147483647, 1",
        "2147483648, 0",
        "17179869184, 999999999",
        "-2147483648, 5",
        "-62135596800, 0",
        "253402300799, 999999999"
    })
    void times(long seconds, int nanos) throws Exception {
        volume.create("/f", "x");
        Time time = new Time(seconds, nanos);
        volume.fs().setattr(volume.inode("/f"), AttributeChange.ofTimes(time, time));
        assertThat(stat("/f").mtimeSeconds()).isEqualTo(seconds);
        assertThat(stat("/f").mtimeNanos()).isEqualTo(nanos);
        staysThroughRounds("/f");
    }

    @ParameterizedTest
    @CsvSource({"-2, -2", "65535, 65536", "2147483647, -2147483648"})
    void owners(int uid, int gid) throws Exception {
        volume.create("/f", "x");
        volume.fs().setattr(volume.inode("/f"), AttributeChange.ofOwner(uid, gid));
        assertThat(stat("/f").uid()).isEqualTo(uid);
        assertThat(stat("/f").gid()).isEqualTo(gid);
        staysThroughRounds("/f");
    }

    @Test
    void permissions() throws Exception {
        volume.create("/f", "x");
        volume.fs().setattr(volume.inode("/f"), AttributeChange.ofPermissions(07777));
        assertThat(stat("/f").mode()).isEqualTo(0107777);
        staysThroughRounds("/f");
    }

    @ParameterizedTest
    @CsvSource({"0x00000101", "0xfff00000", "0x7fffffff", "0xffffffff"})
    void deviceNumbers(String text) throws Exception {
        int rdev = Integer.parseUnsignedInt(text.substring(2), 16);
        volume.fs().mknod(1, Volume.bytes("block"), 0060600, rdev, ROOT);
        assertThat(stat("/block").rdev()).isEqualTo(rdev);
        staysThroughRounds("/block");
    }

    @Test
    void sixtyFiveThousandNames() throws Exception {
        volume.mkdir("/d");
        volume.create("/d/first", "x");
        long inode = volume.inode("/d/first");
        long parent = volume.inode("/d");
        for (int i = 1; i < 65_000; i++) {
            volume.fs().link(inode, parent, Volume.bytes("n" + i));
        }
        assertThat(stat("/d/n64999").nlink()).isEqualTo(65_000);
        staysThroughRounds("/d/first");
        volume.unlink("/d/n7");
        assertThat(stat("/d/n8").nlink()).isEqualTo(64_999);
    }

    @Test
    void xattrs() throws Exception {
        volume.create("/f", "x");
        long inode = volume.inode("/f");
        byte[] name = Volume.bytes("user.large");
        byte[] largest = new byte[65_535];
        Arrays.fill(largest, (byte) 'v');
        volume.fs().setxattr(inode, name, largest, XattrMode.SET);
        fails(
                Reason.ARGUMENT_TOO_BIG,
                () -> volume.fs().setxattr(inode, name, new byte[65_536], XattrMode.SET));
        String longest = "user." + "n".repeat(250);
        volume.fs().setxattr(inode, Volume.bytes(longest), new byte[0], XattrMode.CREATE);
        fails(
                Reason.INVALID,
                () ->
                        volume.fs()
                                .setxattr(
                                        inode,
                                        Volume.bytes(longest + "n"),
                                        new byte[0],
                                        XattrMode.CREATE));
        staysThroughRounds("/f");
        assertThat(volume.fs().getxattr(volume.inode("/f"), name)).isEqualTo(largest);
        assertThat(volume.fs().getxattr(volume.inode("/f"), Volume.bytes(longest))).isEmpty();
    }

    @Test
    void sizesAndOffsets() throws Exception {
        volume.create("/f", "x");
        OpenFile file = volume.open("/f", OpenMode.READ_WRITE);
        for (long size : new long[] {(1L << 44) + 1, Long.MAX_VALUE}) {
            fails(Reason.TOO_BIG, () -> file.truncate(size));
            fails(Reason.TOO_BIG, () -> Volume.write(file, size, new byte[1]));
            fails(Reason.TOO_BIG, () -> file.allocate(size - 1, 1, false));
        }
        fails(Reason.INVALID, () -> file.truncate(-1));
        assertThat(Volume.read(file, Long.MAX_VALUE, 10)).isEmpty();
        assertThat(file.attributes().size()).isEqualTo(1);
        file.truncate(1L << 36);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(file.read((1L << 36) - 5, arena.allocate(100))).isEqualTo(5);
        }
        file.release();
        staysThroughRounds("/f");
    }
}

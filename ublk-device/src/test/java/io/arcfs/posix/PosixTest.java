package io.arcfs.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PosixTest {
    @TempDir Path dir;

    @Test
    void lstatAgreesWithTheStatCommand() throws Exception {
        Path file = dir.resolve("file");
        Files.write(file, new byte[12_345]);
        Files.setLastModifiedTime(
                file, FileTime.from(Instant.ofEpochSecond(1_000_000_000, 123_456_789)));
        Files.createSymbolicLink(dir.resolve("symlink"), Path.of("nowhere"));
        Files.createLink(dir.resolve("second"), file);
        for (Path path :
                List.of(file, dir.resolve("symlink"), dir, Path.of("/dev/null"), Path.of("/"))) {
            FileStatus status = Posix.lstat(Posix.bytes(path));
            String ours =
                    "%d %d %x %d %d %d %d %d %d.%09d %d.%09d"
                            .formatted(
                                    status.device(),
                                    status.inode(),
                                    status.mode(),
                                    status.nlink(),
                                    status.uid(),
                                    status.gid(),
                                    status.size(),
                                    status.blocks512(),
                                    status.mtimeSeconds(),
                                    status.mtimeNanos(),
                                    status.ctimeSeconds(),
                                    status.ctimeNanos());
            assertThat(ours)
                    .isEqualTo(run("stat", "-c", "%d %i %f %h %u %g %s %b %.9Y %.9Z", path));
        }
        assertThat(Posix.lstat(Posix.bytes(Path.of("/dev/null"))).rdev()).isEqualTo(0x103);
    }

    @Test
    void everyTypeOfFileIsMadeAndDescribed() throws Exception {
        asRoot();
        byte[] odd = join(Posix.bytes(dir), new byte[] {'/', (byte) 0xff, '\n', (byte) 0x80});
        Posix.mknod(odd, FileStatus.S_IFREG | 0x180, 0);
        assertThat(Posix.lstat(odd).isRegularFile()).isTrue();
        byte[] fifo = path("fifo");
        Posix.mknod(fifo, FileStatus.S_IFIFO | 0x180, 0);
        assertThat(Posix.lstat(fifo).type()).isEqualTo(FileStatus.S_IFIFO);
        // major 259, minor 70000: both need more than eight bits
        int rdev = (70_000 & 0xff) | (259 << 8) | ((70_000 & ~0xff) << 12);
        byte[] device = path("device");
        Posix.mknod(device, FileStatus.S_IFBLK | 0x180, rdev);
        assertThat(Posix.lstat(device).rdev()).isEqualTo(rdev);
        assertThat(run("stat", "-c", "%Hr %Lr", dir.resolve("device"))).isEqualTo("259 70000");
        byte[] whiteout = path("whiteout");
        Posix.mknod(whiteout, FileStatus.S_IFCHR, 0);
        assertThat(Posix.lstat(whiteout).rdev()).isZero();
        Posix.mkdir(path("directory"), 0x1c0);
        assertThat(Posix.list(Posix.bytes(dir))).hasSize(5).contains(new byte[] {-1, '\n', -128});
        Posix.rmdir(path("directory"));
        Posix.unlink(odd);
        assertThatThrownBy(() -> Posix.lstat(odd)).hasMessageContaining("ENOENT");
    }

    @Test
    void linksRenamesAndTimesDoNotFollowSymlinks() throws Exception {
        byte[] link = path("link");
        Posix.symlink("täglich".getBytes(StandardCharsets.UTF_8), link);
        assertThat(new String(Posix.readlink(link), StandardCharsets.UTF_8)).isEqualTo("täglich");
        Posix.utimens(link, -5, 1, 1_234_567_890, 999_999_999);
        FileStatus status = Posix.lstat(link);
        assertThat(status.isSymbolicLink()).isTrue();
        assertThat(status.atimeSeconds()).isEqualTo(-5);
        assertThat(status.mtimeNanos()).isEqualTo(999_999_999);
        if (Posix.getuid() == 0) {
            Posix.lchown(link, 1234, -1);
            assertThat(Posix.lstat(link).uid()).isEqualTo(1234);
        }
        Posix.link(link, path("link2"));
        assertThat(Posix.lstat(link).nlink()).isEqualTo(2);
        Posix.rename(link, path("link3"));
        assertThat(Posix.lstat(path("link3")).inode()).isEqualTo(status.inode());
        Files.writeString(dir.resolve("file"), "x");
        Posix.chmod(path("file"), 0xe41);
        assertThat(Posix.lstat(path("file")).permissions()).isEqualTo(0xe41);
    }

    @Test
    void xattrsAreSetListedReadAndRemoved() throws Exception {
        asRoot();
        Files.writeString(dir.resolve("file"), "x");
        byte[] file = path("file");
        byte[] name = Posix.bytes("trusted.arcfs.test");
        Posix.lsetxattr(file, name, new byte[] {0, 1, -1});
        Posix.lsetxattr(file, Posix.bytes("trusted.empty"), new byte[0]);
        assertThat(Posix.lgetxattr(file, name)).containsExactly(0, 1, -1);
        assertThat(Posix.lgetxattr(file, Posix.bytes("trusted.empty"))).isEmpty();
        assertThat(Posix.llistxattr(file)).contains(name, Posix.bytes("trusted.empty"));
        Posix.lremovexattr(file, name);
        assertThatThrownBy(() -> Posix.lgetxattr(file, name))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODATA));
    }

    @Test
    void listReturnsEveryNameOfALargeDirectory() throws IOException {
        for (int i = 0; i < 3000; i++) {
            Files.createFile(dir.resolve("a-rather-long-name-to-fill-the-buffer-" + i));
        }
        List<byte[]> names = Posix.list(Posix.bytes(dir));
        assertThat(names.stream().map(n -> new String(n, StandardCharsets.UTF_8)).distinct())
                .hasSize(3000);
    }

    @Test
    void statfsAgreesWithJava() throws IOException {
        FileStore store = Files.getFileStore(dir);
        FileSystemStatus status = Posix.statfs(dir);
        assertThat(status.totalBytes()).isEqualTo(store.getTotalSpace());
        assertThat(status.availableBytes())
                .isCloseTo(
                        store.getUsableSpace(),
                        org.assertj.core.data.Offset.offset(status.totalBytes() / 50));
        assertThat(status.freeFiles()).isBetween(1L, status.files());
        assertThat(Posix.statfs(Path.of("/proc")).type()).isEqualTo(0x9fa0);
    }

    @Test
    void aPathWithNulIsRefusedNotCut() {
        assertThatThrownBy(() -> Posix.unlink(new byte[] {'a', 0, 'b'}))
                .isInstanceOf(PosixException.class)
                .hasMessageContaining("EINVAL");
    }

    @Test
    void errnoNamesTheNumbersOfTheHeader() {
        assertThat(Errno.of(28)).isEqualTo(Errno.ENOSPC);
        assertThat(Errno.of(95)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(Errno.of(11)).isEqualTo(Errno.EAGAIN);
        assertThat(Errno.of(4711)).isEqualTo(Errno.EIO);
        for (Errno errno : Errno.values()) {
            assertThat(Errno.of(errno.code())).isEqualTo(errno);
        }
    }

    private byte[] path(String name) {
        return Posix.bytes(dir.resolve(name));
    }

    private static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(first);
        joined.writeBytes(second);
        return joined.toByteArray();
    }

    private static void asRoot() {
        Assumptions.assumeTrue(Posix.getuid() == 0, "device nodes and trusted xattrs need root");
    }

    private static String run(String command, String option, String format, Path path)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command, option, format, path.toString())
                        .redirectErrorStream(true)
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out.strip();
    }
}

package io.arcfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.posix.Errno;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Names: making, finding, listing, moving and removing them through a mount. */
public abstract class NamespaceContract extends TransportContract {
    private static final int MANY = 5000;

    @Test
    void whatIsMadeBelongsToTheCallerWithTheModeMinusItsUmask() throws Exception {
        sh("umask 027; : > file; mkdir directory; mkfifo fifo");

        assertThat(sh("stat -c '%n %f %u %g' file directory fifo"))
                .isEqualTo(
                        "file 81a0 %1$d %2$s\ndirectory 41e8 %1$d %2$s\nfifo 11a0 %1$d %2$s"
                                .formatted(Posix.getuid(), sh("id -g")));
    }

    @Test
    void namesAreBytes() throws Exception {
        byte[] odd = {'a', (byte) 0xff, '\n', (byte) 0xc3, '\\', ' ', '*'};
        Posix.mknod(join(path(""), odd), FileStatus.S_IFREG | 0644, 0);

        assertThat(Posix.list(path(""))).containsExactly(odd);
        assertThat(Posix.lstat(join(path(""), odd)).isRegularFile()).isTrue();
        Posix.rename(join(path(""), odd), path("plain"));
        assertThat(Posix.list(path(""))).containsExactly("plain".getBytes(UTF_8));
    }

    @Test
    void aNameOf255BytesIsFineAndOneMoreIsTooLong() throws Exception {
        Files.writeString(at("n".repeat(255)), "x");

        assertThat(Files.readString(at("n".repeat(255)))).isEqualTo("x");
        assertFails(Errno.ENAMETOOLONG, () -> Posix.lstat(path("n".repeat(256))));
        assertFails(Errno.ENAMETOOLONG, () -> Posix.mkdir(path("n".repeat(256)), 0755));
        assertFails(
                Errno.ENAMETOOLONG,
                () -> Posix.rename(path("n".repeat(255)), path("m".repeat(256))));
    }

    @Test
    void aDeepPathOf4000BytesIsReached() throws Exception {
        String name = "d".repeat(200);
        sh(
                "i=0; while [ $i -lt 18 ]; do mkdir $1 && cd $1 || exit 1; i=$((i+1)); done;"
                        + " echo deep > leaf; cat leaf",
                name);

        String path = (name + "/").repeat(18) + "leaf";
        assertThat(Files.readString(at(path))).isEqualTo("deep\n");
        sh("rm -r $1", name);
    }

    @Test
    void pathsFollowARenamedDirectory() throws Exception {
        Files.createDirectories(at("old/b/c"));
        Files.writeString(at("old/b/c/file"), "first");
        assertThat(Files.readString(at("old/b/c/file"))).isEqualTo("first");

        Files.move(at("old"), at("new"));
        Files.createDirectories(at("old/b/c"));
        Files.writeString(at("old/b/c/file"), "second");

        assertThat(Files.readString(at("new/b/c/file"))).isEqualTo("first");
        assertThat(Files.readString(at("old/b/c/file"))).isEqualTo("second");
    }

    @Test
    void aDirectoryRenamedOverAnEmptyOneTakesItsPlace() throws Exception {
        Files.createDirectories(at("full/inner"));
        Files.writeString(at("full/inner/file"), "moved");
        Files.createDirectories(at("empty"));
        assertThat(Files.exists(at("empty/inner/file"))).isFalse();

        Posix.rename(path("full"), path("empty"));

        assertThat(Files.readString(at("empty/inner/file"))).isEqualTo("moved");
        assertThat(Files.exists(at("full"))).isFalse();
    }

    @Test
    void aDirectoryRemovedAndMadeAgainIsAnotherOne() throws Exception {
        Files.createDirectories(at("a/b"));
        Files.writeString(at("a/b/file"), "x");
        Files.delete(at("a/b/file"));
        Files.delete(at("a/b"));
        Files.createDirectory(at("a/b"));
        Files.writeString(at("a/b/again"), "y");

        assertThat(Posix.list(path("a/b"))).containsExactly("again".getBytes(UTF_8));
    }

    @Test
    void wrongKindsAreRefusedByTheRightErrno() throws Exception {
        Files.createDirectories(at("directory/entry"));
        Files.writeString(at("file"), "x");

        assertFails(Errno.ENOENT, () -> Posix.lstat(path("missing")));
        assertFails(Errno.ENOENT, () -> Posix.mkdir(path("missing/entry"), 0755));
        assertFails(Errno.ENOTDIR, () -> Posix.lstat(path("file/entry")));
        assertFails(Errno.EEXIST, () -> Posix.mkdir(path("directory"), 0755));
        assertFails(Errno.EEXIST, () -> Posix.link(path("file"), path("directory")));
        assertFails(Errno.ENOTEMPTY, () -> Posix.rmdir(path("directory")));
        assertFails(Errno.ENOTDIR, () -> Posix.rmdir(path("file")));
        assertFails(Errno.EISDIR, () -> Posix.unlink(path("directory")));
        assertFails(Errno.EISDIR, () -> Posix.rename(path("file"), path("directory")));
        assertFails(Errno.ENOTDIR, () -> Posix.rename(path("directory"), path("file")));
        assertFails(Errno.EINVAL, () -> Posix.rename(path("directory"), path("directory/entry/x")));
        assertFails(Errno.EINVAL, () -> Posix.readlink(path("file")));
    }

    @Test
    void hardLinksAreOneInode() throws Exception {
        Files.writeString(at("a"), "shared");
        Posix.link(path("a"), path("b"));

        FileStatus second = Posix.lstat(path("b"));
        assertThat(second.nlink()).isEqualTo(2);
        assertThat(Posix.lstat(path("a")).nlink()).isEqualTo(2);
        assertThat(Posix.lstat(path("a")).inode()).isEqualTo(second.inode());
        Posix.unlink(path("a"));
        assertThat(Files.readString(at("b"))).isEqualTo("shared");
        assertThat(Posix.lstat(path("b")).nlink()).isEqualTo(1);
    }

    @Test
    void aSymbolicLinkKeepsItsTargetWhateverThatIs() throws Exception {
        byte[] target = new byte[4000];
        Arrays.fill(target, (byte) 0xfe);
        Posix.symlink(target, path("odd"));
        Posix.symlink("file".getBytes(UTF_8), path("good"));
        Files.writeString(at("file"), "reached");

        assertThat(Posix.readlink(path("odd"))).isEqualTo(target);
        assertThat(Files.readString(at("good"))).isEqualTo("reached");
    }

    @Test
    void specialFilesKeepTypeAndDevice() throws Exception {
        FuseRequirement.require(Posix.getuid() == 0, "making device files needs root");
        int largeMinor = (259 << 8) | (0xfffff & 0xff) | ((0xfffff & ~0xff) << 12);
        Posix.mknod(path("fifo"), FileStatus.S_IFIFO | 0600, 0);
        Posix.mknod(path("socket"), FileStatus.S_IFSOCK | 0600, 0);
        Posix.mknod(path("block"), FileStatus.S_IFBLK | 0600, largeMinor);

        assertThat(sh("stat -c '%n %F %t:%T' fifo socket block"))
                .isEqualTo("fifo fifo 0:0\nsocket socket 0:0\nblock block special file 103:fffff");
        assertFails(Errno.EPERM, () -> Posix.mknod(path("whiteout"), FileStatus.S_IFCHR | 0600, 0));
    }

    @Test
    void everyOneOfManyNamesIsListedOnceWithItsTypeAndInode() throws Exception {
        sh("mkdir many && cd many && seq -f 'name-%06g' 5000 | xargs touch && mkdir sub");

        List<String> lines = sh("find many -mindepth 1 -printf '%f %y %i\\n'").lines().toList();
        Set<String> names = new HashSet<>();
        Set<String> inodes = new HashSet<>();
        for (String line : lines) {
            String[] fields = line.split(" ");
            names.add(fields[0]);
            inodes.add(fields[2]);
            assertThat(fields[1]).isEqualTo(fields[0].equals("sub") ? "d" : "f");
        }
        assertThat(lines).hasSize(MANY + 1);
        assertThat(names).hasSize(MANY + 1);
        assertThat(inodes).hasSize(MANY + 1);
        assertThat(sh("ls -ai many | head -2 | tr -s ' ' | cut -d' ' -f2- | tr -d ' '"))
                .contains(".");
    }

    @Test
    void aListingIsNotDisturbedByRemovingWhatItShows() throws Exception {
        sh("mkdir many && cd many && seq -f 'name-%06g' 5000 | xargs touch");
        try (Stream<Path> names = Files.list(at("many"))) {
            int seen = 0;
            for (Path name : (Iterable<Path>) names::iterator) {
                Files.delete(name);
                seen++;
            }
            assertThat(seen).isEqualTo(MANY);
        }
        Posix.rmdir(path("many"));
    }

    @Test
    void aCopiedTreeIsTheSameAndCopyingPrintsNothing() throws Exception {
        Path source = Files.createDirectory(scratch.resolve("source"));
        Shell.Outcome made =
                Shell.run(
                        source,
                        "mkdir -p a/b/c && printf hello > a/b/c/file && ln a/b/c/file a/second &&"
                            + " ln -s ../a/b a/link && mkfifo a/fifo && : > a/empty && truncate -s"
                            + " 300000 a/sparse && printf end >> a/sparse && head -c 3000000"
                            + " /dev/urandom > a/big && chmod 4711 a/big && chmod 1777 a/b &&"
                            + " setfattr -n user.note -v 'two words' a/b/c/file a/b && find ."
                            + " -depth -exec touch -h -d '2001-02-03 04:05:06.789012345' {} +");
        assertThat(made.exitCode()).as(made.output()).isZero();

        assertThat(sh("cp -a \"$1\" .", source.toString())).isEmpty();

        assertThat(sh("diff -r --no-dereference \"$1/a/b\" source/a/b", source.toString()))
                .isEmpty();
        assertThat(sh("cmp \"$1/a/big\" source/a/big", source.toString())).isEmpty();
        assertThat(sh("cmp \"$1/a/sparse\" source/a/sparse", source.toString())).isEmpty();
        String attributes = "find . -printf '%P %y %m %u %g %T@ %l\\n' | sort";
        assertThat(sh("cd source; " + attributes))
                .isEqualTo(Shell.run(source, attributes).output().strip());
        assertThat(sh("getfattr -n user.note --only-values source/a/b/c/file source/a/b"))
                .isEqualTo("two wordstwo words");
    }

    static void assertFails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static byte[] join(byte[] directory, byte[] name) {
        byte[] path = Arrays.copyOf(directory, directory.length + 1 + name.length);
        path[directory.length] = '/';
        System.arraycopy(name, 0, path, directory.length + 1, name.length);
        return path;
    }
}

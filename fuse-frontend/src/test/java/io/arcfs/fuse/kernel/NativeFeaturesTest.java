package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.FuseRequirement;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Shell;
import io.arcfs.posix.Posix;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What programs may ask of a native mount beyond what libfuse 2 could do. */
class NativeFeaturesTest extends OnNativeMount {
    @Test
    void aFileWithoutANameGetsOne() throws Exception {
        String program =
                """
                import os, stat
                f = os.open('.', os.O_TMPFILE | os.O_RDWR, 0o640)
                assert os.listdir('.') == []
                os.write(f, b'nameless')
                assert os.fstat(f).st_nlink == 0
                # with src_dir_fd it is linkat(2) and AT_SYMLINK_FOLLOW
                os.link(f'/proc/self/fd/{f}', 'named', src_dir_fd=f, follow_symlinks=True)
                assert os.fstat(f).st_nlink == 1
                os.write(f, b', no more')
                print(open('named').read(), oct(os.stat('named').st_mode & 0o777))
                """;
        assertThat(python("import os; os.umask(0)\n" + program))
                .isEqualTo("nameless, no more 0o640");
        assertThat(requests("tmpfile")).isEqualTo(1);
    }

    @Test
    void aFileWithoutANameGoesWithItsHandle() throws Exception {
        python("import os; f = os.open('.', os.O_TMPFILE | os.O_RDWR); os.write(f, b'x' * 100000)");
        eventually("it is gone", () -> fileSystem.inodeCount() == 1);
    }

    @Test
    void renameDoesNotReplaceWhenToldSo() throws Exception {
        String program =
                """
                import ctypes, os
                libc = ctypes.CDLL(None, use_errno=True)
                def rename(a, b, flags):
                    r = libc.renameat2(-100, a, -100, b, flags)
                    return 0 if r == 0 else ctypes.get_errno()
                open('a', 'w').write('a'); open('b', 'w').write('b')
                print(rename(b'a', b'b', 1), rename(b'a', b'c', 1), rename(b'c', b'b', 0),
                      rename(b'b', b'x', 8), rename(b'b', b'x', 4))
                """;
        // EEXIST, fine, fine, and flags nobody knows or serves: EINVAL
        assertThat(python(program)).isEqualTo("17 0 0 22 22");
        assertThat(Files.readString(at("b"))).isEqualTo("a");
    }

    @Test
    void dataAndHolesAreFound() throws Exception {
        Files.writeString(at("file"), "x".repeat(1000));
        String program =
                """
                import os
                f = os.open('file', os.O_RDONLY)
                print(os.lseek(f, 10, os.SEEK_DATA), os.lseek(f, 10, os.SEEK_HOLE),
                      os.lseek(f, -1, os.SEEK_END))
                try: os.lseek(f, 1000, os.SEEK_DATA)
                except OSError as e: print(e.errno)
                """;
        assertThat(python(program)).isEqualTo("10 1000 999\n6");
        assertThat(requests("lseek")).isEqualTo(3);
    }

    @Test
    void aRangeIsCopiedInsideTheServer() throws Exception {
        sh("head -c 3000001 /dev/urandom > from; printf head > to");
        String program =
                """
                import os
                a = os.open('from', os.O_RDONLY); b = os.open('to', os.O_RDWR)
                left, at, to = 3000000, 1, 4
                while left:
                    n = os.copy_file_range(a, b, left, at, to)
                    assert n > 0
                    left -= n; at += n; to += n
                assert os.fstat(b).st_size == 3000004
                assert os.pread(b, 3000000, 4) == os.pread(a, 3000000, 1)
                try: os.copy_file_range(a, b, 10, 0, 0)
                except OSError as e: print(e.errno)
                print(os.copy_file_range(a, b, 10, 5000000, 3000004))
                """;
        // below the written end: EPERM; behind the source's end: nothing
        assertThat(python(program)).isEqualTo("1\n0");
        assertThat(requests("copy_file_range") + requests("copy_file_range_64")).isPositive();
        assertThat(requests("read")).as("of the copied bytes, only those checked").isPositive();
    }

    @Test
    void whatACopyBroughtBeforeItFailedIsSaidAndKept() throws Exception {
        sh("head -c 33554432 /dev/zero > from; head -c 500000 from > fill; touch second");
        String program =
                """
                import os
                a = os.open('from', os.O_RDONLY); b = os.open('second', os.O_RDWR)
                copied = 0
                try:
                    while copied < 33554432:
                        copied += os.copy_file_range(a, b, 33554432 - copied, copied, copied)
                except OSError as e:
                    print(e.errno)
                assert os.fstat(b).st_size == copied, (os.fstat(b).st_size, copied)
                assert copied >= 31 << 20
                """;
        // 64 MiB in all: the copy of 32 MiB does not fit beside 32 MiB and the filling
        assertThat(python(program)).isEqualTo("28");
    }

    @Test
    void statxSaysThatNoBirthTimeIsKnown() throws Exception {
        Files.writeString(at("file"), "1234");
        assertThat(sh("stat -c '%s %W %a' file")).startsWith("4 0 ");
    }

    @Test
    void accessControlListsAreKeptInheritedAndEnforced() throws Exception {
        FuseRequirement.require(
                Posix.getuid() == 0 && Shell.has("setfacl") && Shell.has("setpriv"),
                "setfacl, setpriv and root are needed");
        remount(MountOptions.DEFAULT.with(MountOptions.Flag.ALLOW_OTHER, true));
        sh("chmod 755 .; mkdir d; echo secret > d/file; chmod 600 d/file");
        String asNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups ";
        assertThat(Shell.run(root, asNobody + "cat d/file").output()).contains("Permission denied");

        sh("setfacl -m u:65534:r d/file");
        assertThat(sh(asNobody + "cat d/file")).isEqualTo("secret");
        assertThat(sh("getfacl -n d/file")).contains("user:65534:r--");
        assertThat(Shell.run(root, asNobody + "sh -c 'echo x >> d/file'").exitCode()).isNotZero();

        sh("setfacl -d -m u:65534:rwx d; umask 077; echo new > d/new; mkdir d/sub");
        assertThat(sh("getfacl -n d/new")).contains("user:65534:rwx");
        assertThat(sh("getfacl -n d/sub")).contains("default:user:65534:rwx");
        assertThat(sh(asNobody + "cat d/new")).isEqualTo("new");

        sh("setfacl -b d/file");
        assertThat(Shell.run(root, asNobody + "cat d/file").output()).contains("Permission denied");
    }

    @Test
    void aDirectoryIsReadInTinyPiecesWhileItsFilesGo() throws Exception {
        sh("seq -f n%05g 2000 | xargs touch");
        String program =
                """
                import ctypes, os, struct
                libc = ctypes.CDLL(None, use_errno=True)
                d = os.open('.', os.O_RDONLY | os.O_DIRECTORY)
                buffer = ctypes.create_string_buffer(64)
                seen = []
                while True:
                    n = libc.syscall(217, d, buffer, 64)
                    assert n >= 0, ctypes.get_errno()
                    if n == 0: break
                    at = 0
                    while at < n:
                        length, = struct.unpack_from('H', buffer, at + 16)
                        name = buffer[at + 19:at + length].split(b'\\0')[0]
                        if name not in (b'.', b'..'):
                            os.unlink(name)
                            seen.append(name)
                        at += length
                print(len(seen), len(set(seen)), len(os.listdir('.')))
                """;
        assertThat(python(program)).isEqualTo("2000 2000 0");
    }

    @Test
    void manyThreadsDoEverythingAtOnce() throws Exception {
        String program =
                """
                import os, random, threading
                failures = []
                def work(number):
                    rnd = random.Random(number)
                    base = f't{number}'
                    try:
                        os.mkdir(base)
                        for i in range(12):
                            p = f'{base}/f{i}'
                            data = os.urandom(rnd.randrange(1, 20000))
                            with open(p, 'wb') as f: f.write(data)
                            with open(p, 'ab') as f: f.write(b'tail')
                            os.rename(p, p + 'r'); os.link(p + 'r', p)
                            os.setxattr(p, 'user.a', b'v' * rnd.randrange(100))
                            assert open(p, 'rb').read() == data + b'tail'
                            assert len(os.listdir(base)) == 2
                            os.stat(p); os.chmod(p, 0o600); os.unlink(p + 'r'); os.unlink(p)
                        os.rmdir(base)
                    except Exception as e:
                        failures.append(repr(e))
                threads = [threading.Thread(target=work, args=(n,)) for n in range(128)]
                for t in threads: t.start()
                for t in threads: t.join()
                print(failures, os.listdir('.'))
                """;
        assertThat(python(program)).isEqualTo("[] []");
    }

    @Test
    void openFilesWithoutANameAreDescribedAndChanged() throws Exception {
        String program =
                """
                import os
                f = os.open('file', os.O_CREAT | os.O_RDWR, 0o600)
                os.unlink('file')
                os.write(f, b'12345')
                os.fchmod(f, 0o640); os.utime(f, (1, 2)); os.setxattr(f, 'user.a', b'b')
                s = os.fstat(f)
                print(s.st_size, s.st_nlink, oct(s.st_mode & 0o777), s.st_mtime, os.getxattr(f, 'user.a'))
                """;
        assertThat(python(program)).isEqualTo("5 0 0o640 2.0 b'b'");
    }

    @Test
    void namesThatAreNoTextAreNamesEverywhere() throws Exception {
        String program =
                """
                import os
                n = b'\\xff\\xfe\\n\\x80'
                with open(n, 'wb') as f: f.write(b'x')
                os.link(n, n + b'2'); os.rename(n + b'2', n + b'3'); os.symlink(n, b's')
                os.setxattr(n, b'user.\\xff', b'v')
                assert sorted(os.listdir(b'.')) == [b's', n, n + b'3'], os.listdir(b'.')
                assert os.readlink(b's') == n and os.listxattr(n) == ['user.\\udcff']
                os.unlink(n); os.mkdir(n); os.rmdir(n)
                print('fine')
                """;
        assertThat(python(program)).isEqualTo("fine");
    }
}

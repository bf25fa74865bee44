package io.arcfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.FuseRequirement;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Shell;
import io.arcfs.overlay.MergeScope;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeMaker;
import io.arcfs.recovery.VolumeSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel reads append files of a real volume itself; what it may do with them, and what not.
 */
@Tag("fuse")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class NativePassthroughTest {
    @TempDir Path scratch;
    private Path root = Path.of("/");
    private Path upper = Path.of("/");
    private Volume volume;
    private NativeMount mount;

    @BeforeEach
    void mountAVolume() throws Exception {
        FuseRequirement.check();
        scratch = scratch.toRealPath();
        root = Files.createDirectory(scratch.resolve("mountpoint"));
        Path directory = scratch.resolve("volume");
        VolumeMaker.make(directory, VolumeSettings.DEFAULT, _ -> {});
        upper = directory.resolve("upper/data");
        volume = Volume.open(directory);
        mount =
                (NativeMount)
                        new NativeTransport()
                                .mount(volume.overlay().fileSystem(), root, MountOptions.DEFAULT);
        mount.awaitServing(Duration.ofSeconds(20));
        Files.writeString(root.resolve("probe"), "x");
        Files.readString(root.resolve("probe"));
        Assumptions.assumeTrue(
                mount.passthroughOff().isEmpty(), () -> mount.passthroughOff().orElse(""));
        Files.delete(root.resolve("probe"));
    }

    @AfterEach
    void unmount() throws IOException {
        if (mount != null) {
            mount.close();
        }
        if (volume != null) {
            volume.close();
        }
    }

    private Path at(String name) {
        return root.resolve(name);
    }

    private long reads() {
        return mount.requests().getOrDefault("read", 0L);
    }

    private void archive() throws Exception {
        volume.overlay().archive();
    }

    private String python(String program) throws Exception {
        Shell.Outcome outcome = Shell.python(root, program);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output().strip();
    }

    private static String all(FileChannel reader) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        int read;
        do {
            read = reader.read(buffer, buffer.position());
        } while (read > 0);
        return new String(buffer.array(), 0, buffer.position(), UTF_8);
    }

    private List<Path> appendFiles() throws IOException {
        try (Stream<Path> files = Files.list(upper)) {
            return files.toList();
        }
    }

    @Test
    void theKernelReadsAndMapsAnUpperFileWithoutAsking() throws Exception {
        Files.writeString(at("file"), "0123456789".repeat(200_000));
        String program =
                """
                import mmap, os
                f = os.open('file', os.O_RDONLY)
                m = mmap.mmap(f, 0, mmap.MAP_SHARED, mmap.PROT_READ)
                assert os.pread(f, 10, 1999990) == m[-10:] == b'0123456789'
                assert len(os.read(f, 3000000)) == 2000000
                page = mmap.mmap(-1, 4096)  # aligned, as the file system below asks for
                assert os.readv(os.open('file', os.O_RDONLY | os.O_DIRECT), [page]) == 4096
                print('same')
                """;
        assertThat(python(program)).isEqualTo("same");
        assertThat(reads()).isZero();
    }

    @Test
    void aReaderAndAnAppenderSeeEveryByteThroughRoundsAndMerges() throws Exception {
        Files.writeString(at("log"), "one");
        try (FileChannel reader = FileChannel.open(at("log"), StandardOpenOption.READ);
                FileChannel writer = FileChannel.open(at("log"), StandardOpenOption.APPEND)) {
            String expected = "one";
            for (int round = 0; round < 5; round++) {
                for (String piece : List.of(" more", " and more")) {
                    writer.write(ByteBuffer.wrap(piece.getBytes(UTF_8)));
                    expected += piece;
                    assertThat(all(reader)).isEqualTo(expected);
                    assertThat(reader.size()).isEqualTo(expected.length());
                }
                archive();
                assertThat(all(reader)).isEqualTo(expected);
            }
            volume.overlay().merge(MergeScope.ALL);
            writer.write(ByteBuffer.wrap(" end".getBytes(UTF_8)));
            assertThat(all(reader)).isEqualTo(expected + " end");
            assertThat(reads()).as("all that was read, the kernel read itself").isZero();
            assertThat(Files.readString(at("log"))).isEqualTo(expected + " end");
        }
        for (int i = 0; mount.openHandles() > 0 && i < 500; i++) {
            Thread.sleep(10); // the kernel closes in its own time
        }
        archive();
        volume.overlay().fileSystem().sync(); // what is garbage goes with the next sync
        assertThat(Files.readString(at("log"))).startsWith("one more").endsWith(" end");
        assertThat(appendFiles()).isEmpty();
    }

    @Test
    void aReaderSeesTheFileEmptiedGrownAndWithoutAName() throws Exception {
        Files.writeString(at("log"), "an old version");
        try (FileChannel reader = FileChannel.open(at("log"), StandardOpenOption.READ)) {
            assertThat(all(reader)).isEqualTo("an old version");
            archive();
            Files.writeString(at("log"), "new", StandardOpenOption.TRUNCATE_EXISTING);
            assertThat(all(reader)).isEqualTo("new");
            Shell.run(root, "truncate -s 5 log");
            assertThat(all(reader)).isEqualTo("new\0\0");
            assertThat(reader.size()).isEqualTo(5);
            try (FileChannel writer = FileChannel.open(at("log"), StandardOpenOption.APPEND)) {
                Files.delete(at("log"));
                writer.write(ByteBuffer.wrap("nameless".getBytes(UTF_8)));
                assertThat(all(reader)).isEqualTo("new\0\0nameless");
            }
        }
        archive();
        assertThat(mount.openHandles()).isBetween(0, 2);
    }

    /** Tries whatever could make a writable mapping of a descriptor's file. */
    private static final String ATTACK =
            """
            import ctypes, errno, mmap, os
            libc = ctypes.CDLL(None, use_errno=True)
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
            libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
            FAILED = ctypes.c_void_p(-1).value
            def attack(fd):
                for flags in (mmap.MAP_SHARED, 3):  # 3: MAP_SHARED_VALIDATE
                    p = libc.mmap(None, 4096, 3, flags, fd, 0)
                    if p != FAILED:
                        ctypes.memset(p, 65, 16)
                        return 'MAPPED'
                p = libc.mmap(None, 4096, 1, mmap.MAP_SHARED, fd, 0)
                if p != FAILED and libc.mprotect(p, 4096, 3) == 0:
                    ctypes.memset(p, 65, 16)
                    return 'PROTECTED'
                return 'safe'
            def reopen(fd, flags):
                try: return os.open(f'/proc/self/fd/{fd}', flags)
                except OSError as e: return -e.errno
            def everything(*fds):
                for fd in fds:
                    assert attack(fd) == 'safe', (fd, attack(fd))
                    for flags in (os.O_RDWR, os.O_WRONLY, os.O_RDWR | os.O_APPEND):
                        again = reopen(fd, flags)
                        if again >= 0:
                            assert attack(again) == 'safe'
                            os.close(again)
            def fresh():
                if os.path.exists('f'): os.unlink('f')
                with open('f', 'wb') as f: f.write(b'x' * 8192)
            def intact():
                assert open('f', 'rb').read() == b'x' * 8192
            """;

    @Test
    void nobodyMapsAnAppendFileWritableInWhateverOrderItIsOpened() throws Exception {
        String program =
                ATTACK
                        + """
                        R, W, RW, A = os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_APPEND
                        import itertools
                        tried = 0
                        for order in itertools.chain(itertools.product((R, W, RW), repeat=3), ((R, A, R, RW),)):
                            fresh()
                            fds = []
                            for flags in order:
                                fds.append(os.open('f', flags))
                                everything(*fds)
                            intact()
                            for fd in fds[::2]: os.close(fd)
                            for fd in fds[1::2]: everything(fd); os.close(fd)
                            intact()
                            tried += 1
                        print(tried)
                        """;
        assertThat(python(program)).isEqualTo("28");
        assertThat(mount.isServing()).isTrue();
    }

    @Test
    void aFileIsOpenedForReadingAndWritingWhileTheKernelReadsIt() throws Exception {
        Files.writeString(at("file"), "x".repeat(5000));
        String program =
                """
                import os
                r = os.open('file', os.O_RDONLY)
                inode = os.fstat(r).st_ino
                w = os.open('file', os.O_RDWR)
                assert os.fstat(w).st_ino == inode == os.stat('file').st_ino
                os.write(w, b'') ; os.pwrite(w, b'y' * 10, 5000)
                assert os.pread(r, 100, 4990) == b'x' * 10 + b'y' * 10
                assert os.pread(w, 100, 4990) == b'x' * 10 + b'y' * 10
                assert os.fstat(r).st_size == os.fstat(w).st_size == os.stat('file').st_size == 5010
                second = os.open('file', os.O_RDONLY)
                os.pwrite(w, b'z', 5010)
                for f in (r, second, w): assert os.pread(f, 1, 5010) == b'z', f
                os.chmod('file', 0o600)
                assert os.fstat(r).st_mode & 0o777 == 0o600
                os.link('file', 'other')
                assert os.fstat(r).st_nlink == os.fstat(w).st_nlink == 2
                os.unlink('file'); os.unlink('other')
                assert os.fstat(r).st_nlink == os.fstat(w).st_nlink == 0
                print('fine')
                """;
        assertThat(python(program)).isEqualTo("fine");
    }

    /** Its bytes lie in an image and an append file, so the kernel cannot read it by itself. */
    @Test
    void mappingsThroughBothNodeIdsOfAFileShowWhatIsWrittenThroughEither() throws Exception {
        Files.writeString(at("file"), "x".repeat(5000));
        Files.createLink(at("other"), at("file"));
        try (FileChannel second = openedBesideAReader("file")) {
            archive();
            second.write(ByteBuffer.wrap("y".repeat(10).getBytes(UTF_8)), 5000);
            try (FileChannel oldId = FileChannel.open(at("other"), StandardOpenOption.READ);
                    FileChannel newId = FileChannel.open(at("file"), StandardOpenOption.READ)) {
                List<MappedByteBuffer> maps =
                        List.of(
                                oldId.map(FileChannel.MapMode.READ_ONLY, 0, 5010),
                                newId.map(FileChannel.MapMode.READ_ONLY, 0, 5010));
                assertThat(maps).allSatisfy(map -> assertThat(tail(map, 5010)).isEqualTo("yyyyy"));
                assertThat(reads()).as("not by passthrough").isPositive();

                second.write(ByteBuffer.wrap("z".repeat(10).getBytes(UTF_8)), 5010);
                assertThat(shared(oldId, newId)).containsOnly("zzzzz");
                try (FileChannel appender =
                        FileChannel.open(at("other"), StandardOpenOption.APPEND)) {
                    appender.write(ByteBuffer.wrap("0123456789".getBytes(UTF_8)));
                }
                assertThat(shared(oldId, newId)).containsOnly("56789");
                Files.writeString(at("other"), "emptied", StandardOpenOption.TRUNCATE_EXISTING);
                assertThat(shared(oldId, newId)).containsOnly("ptied");
            }
        }
    }

    private static final Set<StandardOpenOption> READ_AND_WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);

    /** It began an epoch, and the reader was the last one by passthrough. */
    private FileChannel openedBesideAReader(String name) throws IOException {
        try (FileChannel _ = FileChannel.open(at(name), StandardOpenOption.READ)) {
            return FileChannel.open(at(name), READ_AND_WRITE);
        }
    }

    /** The last bytes of what both map and read. */
    private static List<String> shared(FileChannel... readers) throws IOException {
        List<String> ends = new ArrayList<>();
        for (FileChannel reader : readers) {
            int size = (int) reader.size();
            ends.add(tail(reader.map(FileChannel.MapMode.READ_ONLY, 0, size), size));
            ByteBuffer read = ByteBuffer.allocate(size);
            reader.read(read, 0);
            ends.add(tail(read, size));
        }
        return ends;
    }

    private static String tail(ByteBuffer bytes, int end) {
        byte[] last = new byte[5];
        bytes.get(end - last.length, last);
        return new String(last, UTF_8);
    }

    @Test
    void aProgramIsNotStoppedByItsOwnClosedHandle() throws Exception {
        Files.writeString(at("file"), "x".repeat(5000));
        String program =
                """
                import os
                for i in range(300):
                    r = os.open('file', os.O_RDONLY); os.read(r, 10); os.close(r)
                    w = os.open('file', os.O_RDWR); os.close(w)
                print('fine')
                """;
        assertThat(python(program)).isEqualTo("fine");
    }
}

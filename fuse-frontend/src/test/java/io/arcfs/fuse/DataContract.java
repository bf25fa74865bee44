package io.arcfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.fuse.memory.Observer;
import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Bytes: reading, appending, and what is refused. */
public abstract class DataContract extends TransportContract {
    private static final int SEED = 20_01;

    @Test
    void whatIsWrittenIsRead() throws Exception {
        byte[] bytes = new byte[3_000_001];
        new Random(SEED).nextBytes(bytes);
        Files.write(at("file"), bytes);

        assertThat(Files.readAllBytes(at("file"))).isEqualTo(bytes);
        try (var file = new RandomAccessFile(at("file").toFile(), "r")) {
            byte[] middle = new byte[5000];
            file.seek(1_234_567);
            file.readFully(middle);
            assertThat(ByteBuffer.wrap(middle)).isEqualTo(ByteBuffer.wrap(bytes, 1_234_567, 5000));
        }
    }

    @Test
    void overwritingIsRefusedAndChangesNothing() throws Exception {
        Files.writeString(at("file"), "0123456789");
        try (PosixFile file = PosixFile.open(at("file"), OpenFlag.READ, OpenFlag.WRITE)) {
            MemorySegment bytes = MemorySegment.ofArray("xx".getBytes(UTF_8));
            NamespaceContract.assertFails(Errno.EPERM, () -> file.write(4, bytes));
            NamespaceContract.assertFails(Errno.EPERM, () -> file.write(9, bytes));
            file.write(10, bytes);
            NamespaceContract.assertFails(Errno.EPERM, () -> file.truncate(5));
        }
        assertThat(Files.readString(at("file"))).isEqualTo("0123456789xx");
    }

    @Test
    void aGapReadsAsZeros() throws Exception {
        try (PosixFile file = PosixFile.open(at("file"), OpenFlag.WRITE, OpenFlag.CREATE)) {
            file.write(200_000, MemorySegment.ofArray(new byte[] {1}));
        }
        byte[] expected = new byte[200_001];
        expected[200_000] = 1;
        assertThat(Files.readAllBytes(at("file"))).isEqualTo(expected);
    }

    @Test
    void twoProcessesAppendWithoutLosingALine() throws Exception {
        String writer = "i=0; while [ $i -lt 300 ]; do echo \"$1 $i\" >> log; i=$((i+1)); done";
        sh("(" + writer + ") & set -- second; " + writer + "; wait", "first");

        assertThat(sh("sort log | uniq | wc -l")).isEqualTo("600");
        assertThat(sh("grep -c '^first [0-9]*$' log; grep -c '^second [0-9]*$' log"))
                .isEqualTo("300\n300");
    }

    @Test
    void twoHandlesOfOneProcessAppendBehindEachOther() throws Exception {
        try (FileChannel one = append("log");
                FileChannel two = append("log")) {
            for (int i = 0; i < 50; i++) {
                one.write(ByteBuffer.wrap("a".repeat(100).getBytes(UTF_8)));
                two.write(ByteBuffer.wrap("b".repeat(100).getBytes(UTF_8)));
            }
        }
        assertThat(Files.readString(at("log")))
                .isEqualTo(("a".repeat(100) + "b".repeat(100)).repeat(50));
    }

    @Test
    void appendModeMaySwitchWhileTheFileIsOpen() throws Exception {
        Files.writeString(at("log"), "0123");
        String program =
                """
                import fcntl, os
                f = os.open('log', os.O_WRONLY | os.O_APPEND)
                flags = fcntl.fcntl(f, fcntl.F_GETFL)
                fcntl.fcntl(f, fcntl.F_SETFL, flags & ~os.O_APPEND)
                try:
                    os.pwrite(f, b'xx', 1)
                    print('written')
                except OSError as e:
                    print(e.strerror)
                os.pwrite(f, b'45', 4)
                fcntl.fcntl(f, fcntl.F_SETFL, flags)
                os.pwrite(f, b'67', 1)
                g = os.open('log', os.O_WRONLY)
                fcntl.fcntl(g, fcntl.F_SETFL, os.O_APPEND)
                os.write(g, b'89')
                """;
        assertThat(python(program)).isEqualTo("Operation not permitted");
        assertThat(Files.readString(at("log"))).isEqualTo("0123456789");
    }

    @Test
    void openWithTruncateStartsANewVersion() throws Exception {
        Files.writeString(at("file"), "a long first version");
        sh("printf short > file");

        assertThat(Files.readString(at("file"))).isEqualTo("short");
        assertThat(sh("stat -c %s file")).isEqualTo("5");
    }

    @Test
    void truncateEmptiesOrGrowsByNameAndByHandle() throws Exception {
        Files.writeString(at("file"), "content");
        sh("truncate -s 100000 file");
        assertThat(Files.readAllBytes(at("file")))
                .hasSize(100_000)
                .startsWith("content".getBytes(UTF_8))
                .endsWith((byte) 0);
        sh("truncate -s 0 file");
        assertThat(Files.readAllBytes(at("file"))).isEmpty();
        python("import os; os.truncate('file', 7); os.truncate('file', 0)");
        assertThat(Files.size(at("file"))).isZero();
    }

    @Test
    void anUnlinkedOpenFileIsStillRead() throws Exception {
        Files.writeString(at("file"), "still here");
        try (FileChannel reader = FileChannel.open(at("file"), StandardOpenOption.READ)) {
            Files.delete(at("file"));
            assertThat(rest(reader)).isEqualTo("still here");
            assertThat(sh("ls -A")).isEmpty();
        }
        eventually("its bytes are given back", () -> fileSystem.inodeCount() == 1);
    }

    @Test
    void anUnlinkedOpenFileIsStillWritten() throws Exception {
        assertThat(
                        python(
                                """
                                import os
                                f = os.open('file', os.O_CREAT | os.O_RDWR)
                                os.write(f, b'one ')
                                os.unlink('file')
                                os.write(f, b'two')
                                os.fsync(f)
                                print(os.pread(f, 100, 0).decode())
                                os.close(f)
                                """))
                .isEqualTo("one two");
    }

    @Test
    void renamingOverAnOpenFileLeavesItsBytesToTheReader() throws Exception {
        Files.writeString(at("old"), "old bytes");
        Files.writeString(at("new"), "new bytes");
        try (FileChannel reader = FileChannel.open(at("old"), StandardOpenOption.READ)) {
            sh("mv new old");
            assertThat(rest(reader)).isEqualTo("old bytes");
            assertThat(Files.readString(at("old"))).isEqualTo("new bytes");
        }
    }

    @Test
    void anOpenFileIsDescribedWhileItHasAName() throws Exception {
        Files.writeString(at("file"), "0123456789");
        try (PosixFile file = PosixFile.open(at("file"), OpenFlag.READ)) {
            assertThat(file.status().size()).isEqualTo(10);
            Files.move(at("file"), at("moved"));
            Files.writeString(at("moved"), "more", StandardOpenOption.APPEND);
            assertThat(file.status().size()).isEqualTo(14);
        }
    }

    @Test
    void aLargeWriteArrivesInLargePieces() throws Exception {
        var pieces = new AtomicInteger();
        var largest = new AtomicLong();
        fileSystem.observe(
                new Observer() {
                    @Override
                    public void writing(long bytes) {
                        pieces.incrementAndGet();
                        largest.accumulateAndGet(bytes, Math::max);
                    }
                });
        sh("dd if=/dev/zero of=file bs=1M count=1 status=none");

        assertThat(largest).hasValueGreaterThanOrEqualTo(128 << 10);
        assertThat(pieces).hasValueLessThanOrEqualTo(8);
    }

    @Test
    void aFullFileSystemTellsTheWriterAndKeepsWhatWasWritten() throws Exception {
        Shell.Outcome outcome = Shell.run(root, "head -c 80000000 /dev/zero > file");

        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.output()).contains("No space left on device");
        long kept = Files.size(at("file"));
        assertThat(kept).isBetween(CAPACITY_BYTES - (1 << 20), CAPACITY_BYTES);
        assertThat(sh("cat file | wc -c")).isEqualTo(Long.toString(kept));
        Files.delete(at("file"));
        // The kernel lets go of the deleted file in its own time: nobody waits for a FORGET.
        eventually("its space is free", () -> root.toFile().getUsableSpace() >= kept);
        Files.writeString(at("file"), "room again");
        assertThat(Files.readString(at("file"))).isEqualTo("room again");
    }

    @Test
    void aFailureOfTheFileSystemIsAnErrorAndTheMountLivesOn() throws Exception {
        Files.writeString(at("file"), "content");
        for (Throwable planted :
                new Throwable[] {
                    new IllegalStateException("planted"),
                    new OutOfMemoryError("planted"),
                    new StackOverflowError("planted")
                }) {
            fileSystem.observe(
                    new Observer() {
                        @Override
                        public void reading(long bytes) {
                            throwUnchecked(planted);
                        }
                    });
            assertThatThrownBy(() -> Files.readString(at("file")))
                    .hasMessageContaining("Input/output error");
        }
        fileSystem.observe(Observer.NONE);
        assertThat(Files.readString(at("file"))).isEqualTo("content");
        assertThat(mounted().isServing()).isTrue();
    }

    private static void throwUnchecked(Throwable planted) {
        switch (planted) {
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new AssertionError(planted);
        }
    }

    @Test
    void fsyncReachesTheFileSystem() throws Exception {
        var syncs = new AtomicInteger();
        fileSystem.observe(
                new Observer() {
                    @Override
                    public void syncing() {
                        syncs.incrementAndGet();
                    }
                });
        try (FileChannel file = append("file")) {
            file.force(false);
            assertThat(syncs).hasValue(1);
            file.force(true);
            assertThat(syncs).hasValue(2);
        }
        python("import os; d = os.open('.', os.O_RDONLY); os.fsync(d)");
        assertThat(syncs).hasValue(3);
    }

    @Test
    void fallocateGrowsUnlessToldToKeepTheSize() throws Exception {
        FuseRequirement.require(Shell.has("fallocate"), "fallocate(1) is missing");
        Files.writeString(at("file"), "abc");
        sh("fallocate -n -l 1M file");
        assertThat(Files.size(at("file"))).isEqualTo(3);
        sh("fallocate -l 1M file");
        assertThat(Files.size(at("file"))).isEqualTo(1 << 20);

        Shell.Outcome punched = Shell.run(root, "fallocate -p -o 0 -l 4096 file");
        assertThat(punched.output()).contains("unsupported");
        assertThat(Files.readAllBytes(at("file"))).startsWith("abc".getBytes(UTF_8));
    }

    @Test
    void locksHoldBetweenProcesses() throws Exception {
        FuseRequirement.require(Shell.has("flock"), "flock(1) is missing");
        Files.writeString(at("file"), "x");
        assertThat(
                        sh(
                                "exec 9>>file; flock -n 9 && echo taken;"
                                        + " flock -n file echo again || echo refused"))
                .isEqualTo("taken\nrefused");
        assertThat(
                        python(
                                """
                                import fcntl, os
                                f = os.open('file', os.O_RDWR)
                                fcntl.lockf(f, fcntl.LOCK_EX)
                                if os.fork() == 0:
                                    g = os.open('file', os.O_RDWR)
                                    try:
                                        fcntl.lockf(g, fcntl.LOCK_EX | fcntl.LOCK_NB)
                                        print('again', flush=True)
                                    except OSError as e:
                                        print('refused', flush=True)
                                    os._exit(0)
                                os.wait()
                                """))
                .isEqualTo("refused");
    }
}

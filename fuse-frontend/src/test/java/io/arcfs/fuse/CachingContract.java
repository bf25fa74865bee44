package io.arcfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.memory.Observer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The page cache: what it may keep, what it must show, and who may map what. */
public abstract class CachingContract extends TransportContract {
    private static final int SEED = 20_02;

    @Test
    void aReaderSeesWhatIsAppendedLater() throws Exception {
        Files.writeString(at("log"), "first ");
        try (FileChannel reader = FileChannel.open(at("log"), StandardOpenOption.READ);
                FileChannel writer = append("log")) {
            assertThat(rest(reader)).isEqualTo("first ");
            writer.write(ByteBuffer.wrap("second ".getBytes(UTF_8)));
            assertThat(rest(reader)).isEqualTo("second ");
            writer.write(ByteBuffer.wrap("third".repeat(30_000).getBytes(UTF_8)));
            assertThat(rest(reader)).isEqualTo("third".repeat(30_000));
            reader.position(0);
            assertThat(rest(reader)).startsWith("first second thirdthird").hasSize(150_013);
        }
    }

    @Test
    void aReaderSeesANewVersionAndNotTheOldBytes() throws Exception {
        Files.writeString(at("file"), "old".repeat(10_000));
        try (FileChannel reader = FileChannel.open(at("file"), StandardOpenOption.READ)) {
            assertThat(rest(reader)).hasSize(30_000);
            Files.writeString(at("file"), "new".repeat(10_000));
            reader.position(0);
            assertThat(rest(reader)).isEqualTo("new".repeat(10_000));
        }
        assertThat(Files.readString(at("file"))).isEqualTo("new".repeat(10_000));
    }

    @Test
    void aFileReadAgainAfterAnAppendThroughItsOtherNameIsCurrent() throws Exception {
        Files.writeString(at("a"), "first ");
        Files.createLink(at("b"), at("a"));
        assertThat(Files.readString(at("b"))).isEqualTo("first ");
        Files.writeString(at("a"), "second", StandardOpenOption.APPEND);

        assertThat(Files.readString(at("b"))).isEqualTo("first second");
        Files.writeString(at("b"), "another same", StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(Files.readString(at("a"))).isEqualTo("another same");
        Files.delete(at("b"));
        assertThat(Files.readString(at("a"))).isEqualTo("another same");
    }

    @Test
    void anUnchangedFileIsReadOnce() throws Exception {
        Files.writeString(at("file"), "same".repeat(100_000));
        var reads = new AtomicInteger();
        fileSystem.observe(
                new Observer() {
                    @Override
                    public void reading(long bytes) {
                        reads.incrementAndGet();
                    }
                });
        sh("cmp file file && cat file file > /dev/null");
        int first = reads.get();
        assertThat(sh("cat file | md5sum")).isEqualTo(sh("cat file | md5sum"));
        assertThat(reads).hasValue(first);

        Files.writeString(at("file"), "more", StandardOpenOption.APPEND);
        assertThat(Files.readString(at("file"))).hasSize(400_004).endsWith("samemore");
        assertThat(reads).hasValueGreaterThan(first);
    }

    @Test
    void aKeptCacheNeverOutlivesTheBytesWhateverNameChangedThem() throws Exception {
        Files.writeString(at("a"), "1".repeat(50_000));
        Files.readString(at("a"));
        Files.createLink(at("b"), at("a"));
        Files.readString(at("b"));
        Files.writeString(at("b"), "2".repeat(50_000), StandardOpenOption.TRUNCATE_EXISTING);
        Files.delete(at("b"));
        assertThat(Files.readString(at("a"))).isEqualTo("2".repeat(50_000));

        Files.createLink(at("b"), at("a"));
        Files.writeString(at("a"), "3".repeat(50_000), StandardOpenOption.TRUNCATE_EXISTING);
        Files.readString(at("a"));
        Files.delete(at("a"));
        assertThat(Files.readString(at("b"))).isEqualTo("3".repeat(50_000));
    }

    @Test
    void aSharedWritableMappingIsRefused() throws Exception {
        Files.writeString(at("file"), "x".repeat(8192));
        String program =
                """
                import mmap, os
                f = os.open('file', os.O_RDWR)
                for length in (4096, 8192):
                    try:
                        m = mmap.mmap(f, length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
                        m[0] = 65
                        m.flush()
                        print('mapped')
                    except OSError as e:
                        print(e.strerror)
                """;
        assertThat(python(program)).isEqualTo("No such device\nNo such device");
        assertThat(Files.readString(at("file"))).isEqualTo("x".repeat(8192));
    }

    @Test
    void readingThroughAMappingWorks() throws Exception {
        Files.writeString(at("file"), "y".repeat(100_000) + "end");
        String program =
                """
                import mmap, os
                f = os.open('file', os.O_RDONLY)
                shared = mmap.mmap(f, 0, mmap.MAP_SHARED, mmap.PROT_READ)
                private = mmap.mmap(f, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
                private[0] = 65
                print(shared[0:1].decode(), private[0:1].decode(), shared[-3:].decode())
                """;
        assertThat(python(program)).isEqualTo("y A end");
        assertThat(Files.readString(at("file"))).startsWith("yyy");
    }

    @Test
    void directReadingWorks() throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(SEED).nextBytes(bytes);
        Files.write(at("file"), bytes);

        assertThat(sh("dd if=file iflag=direct bs=64k status=none | cmp - file && echo same"))
                .isEqualTo("same");
    }
}

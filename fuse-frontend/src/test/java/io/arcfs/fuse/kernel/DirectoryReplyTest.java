package io.arcfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.memory.MemoryFileSystem;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.posix.FileStatus;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Entries of directories as the kernel walks them: {@code fuse_dirent}, {@code fuse_direntplus}.
 */
final class DirectoryReplyTest {
    private static final int ENTRY_OUT = 128;
    private static final int DIRENT = 24;

    private final Buffers buffers = new Buffers(Arena.ofAuto());
    private final MemoryFileSystem fileSystem = new MemoryFileSystem(1 << 20);
    private final DirectoryReply entries =
            new DirectoryReply(
                    new Session(fileSystem, new Passthrough(-1, "this is a test")), buffers);

    private record Entry(String name, long inode, int type, long offset, long nodeId) {}

    /** Walks as fs/fuse/readdir.c does: each entry is padded to 8 bytes. */
    private List<Entry> walked(boolean plus) {
        ByteBuffer bytes =
                buffers.payload(entries.usedBytes()).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        List<Entry> found = new ArrayList<>();
        int at = 0;
        while (at < bytes.limit()) {
            int dirent = plus ? at + ENTRY_OUT : at;
            byte[] name = new byte[bytes.getInt(dirent + 16)];
            bytes.get(dirent + DIRENT, name);
            found.add(
                    new Entry(
                            new String(name, UTF_8),
                            bytes.getLong(dirent),
                            bytes.getInt(dirent + 20),
                            bytes.getLong(dirent + 8),
                            plus ? bytes.getLong(at) : -1));
            int end = dirent + DIRENT + name.length;
            int next = (end + 7) & -8;
            for (int i = end; i < next; i++) {
                assertThat(bytes.get(i)).as("padding").isZero();
            }
            at = next;
        }
        assertThat(at).isEqualTo(bytes.limit());
        return found;
    }

    private long make(String name) throws Exception {
        return fileSystem
                .mknod(1, name.getBytes(UTF_8), FileStatus.S_IFREG | 0644, 0, new Caller(0, 0, 0))
                .inode();
    }

    private boolean put(String name, long inode, int type, long cookie) throws Exception {
        return entries.entry(name.getBytes(UTF_8), inode, type, cookie);
    }

    @Test
    void plainEntries() throws Exception {
        buffers.memory.fill((byte) 0x5a);
        entries.begin(1, false, 4096);
        assertThat(put(".", 1, FileStatus.S_IFDIR, 1)).isTrue();
        assertThat(put("12345678", 7, FileStatus.S_IFREG, 2)).isTrue();
        assertThat(put("123456789", 8, FileStatus.S_IFLNK, 3)).isTrue();

        assertThat(walked(false))
                .containsExactly(
                        new Entry(".", 1, 4, 1, -1),
                        new Entry("12345678", 7, 8, 2, -1),
                        new Entry("123456789", 8, 10, 3, -1));
        assertThat(entries.usedBytes()).isEqualTo(32 + 32 + 40);
        assertThat(fileSystem.strayReferences()).isZero();
    }

    @Test
    void entriesWithAttributesTakeAReferenceButNotTheDots() throws Exception {
        long file = make("file");
        fileSystem.forget(file, 1);
        buffers.memory.fill((byte) 0x5a);
        entries.begin(1, true, 4096);
        assertThat(put(".", 1, FileStatus.S_IFDIR, 1)).isTrue();
        assertThat(put("..", 1, FileStatus.S_IFDIR, 2)).isTrue();
        assertThat(put("file", file, FileStatus.S_IFREG, 3)).isTrue();
        assertThat(put("gone", 99, FileStatus.S_IFREG, 4)).isTrue();

        assertThat(walked(true))
                .containsExactly(
                        new Entry(".", 1, 4, 1, 0),
                        new Entry("..", 1, 4, 2, 0),
                        new Entry("file", file, 8, 3, file),
                        new Entry("gone", 99, 8, 4, 0));
        assertThat(fileSystem.strayReferences()).isEqualTo(1);
        entries.takeBack();
        assertThat(fileSystem.strayReferences()).isZero();
        assertThat(entries.usedBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 24, 31, 159})
    void whatDoesNotFitTakesNoReference(int room) throws Exception {
        long file = make("file");
        fileSystem.forget(file, 1);
        entries.begin(1, true, room);

        assertThat(put("file", file, FileStatus.S_IFREG, 1)).isFalse();
        assertThat(entries.usedBytes()).isZero();
        assertThat(fileSystem.strayReferences()).isZero();
    }

    @Test
    void anEntryThatFitsToTheLastByteGoesOut() throws Exception {
        entries.begin(1, true, ENTRY_OUT + DIRENT + 8);
        assertThat(put("12345678", 9, FileStatus.S_IFREG, 1)).isTrue();
        assertThat(put("x", 9, FileStatus.S_IFREG, 2)).isFalse();
        assertThat(entries.usedBytes()).isEqualTo(ENTRY_OUT + DIRENT + 8);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aSizeOutOfAllMeasureIsBounded(int size) throws Exception {
        entries.begin(1, false, size);
        int count = 0;
        String name = "n".repeat(FileSystem.NAME_MAX);
        while (put(name, 5, FileStatus.S_IFREG, count)) {
            count++;
        }
        assertThat(entries.usedBytes()).isBetween(0, Buffers.PAYLOAD_BYTES);
        assertThat(walked(false)).hasSize(count);
    }
}

package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.OpenDirectory.EntrySink;
import io.arcfs.overlay.OpenDirectory.ListedEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Directories that are read with the attributes of each entry, of many more files than are kept.
 */
final class WalkTest {
    private static final int FILES = 200;

    @TempDir Path directory;
    private Volume volume;

    @BeforeEach
    void open() throws IOException {
        volume = Volume.in(directory);
        volume.mkdir("/many");
        for (int i = 0; i < FILES; i++) {
            volume.create("/many/f" + i, "x".repeat(i));
        }
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
    }

    /** Reads /many to its end as READDIRPLUS does: each entry is looked up. */
    private Map<String, Attributes> walk() throws IOException {
        Map<String, Attributes> found = new HashMap<>();
        OpenDirectory many = volume.fs().openDirectory(volume.inode("/many"));
        many.read(
                0,
                new EntrySink() {
                    @Override
                    public boolean entry(byte[] name, long inode, int type, long nextCookie) {
                        throw new AssertionError("an entry that leads nowhere");
                    }

                    @Override
                    public boolean entry(
                            byte[] name, long inode, int type, long nextCookie, ListedEntry listed)
                            throws FsException {
                        String text = new String(name, StandardCharsets.UTF_8);
                        if (text.startsWith("f")) {
                            found.put(text, listed.lookup());
                        }
                        return true;
                    }
                });
        many.release();
        return found;
    }

    private void isWhatGetattrSays(Map<String, Attributes> walked) throws IOException {
        assertThat(walked).hasSize(FILES);
        for (Map.Entry<String, Attributes> entry : walked.entrySet()) {
            Attributes listed = entry.getValue();
            assertThat(listed.size()).isEqualTo(Long.parseLong(entry.getKey().substring(1)));
            assertThat(volume.fs().getattr(listed.inode())).isEqualTo(listed);
        }
    }

    private void forget(Map<String, Attributes> walked) {
        walked.values().forEach(file -> volume.fs().forget(file.inode(), 1));
    }

    @Test
    void filesOfTheUpper() throws IOException {
        isWhatGetattrSays(walk());
    }

    @Test
    void archivedFilesAreKnownUntilTheyAreForgotten() throws Exception {
        volume.archive();
        Map<String, Attributes> once = walk();
        Map<String, Attributes> twice = walk();
        isWhatGetattrSays(once);
        forget(twice);
        assertThat(once).isEqualTo(twice);

        // By number alone, as the kernel asks for what it has listed.
        Attributes last = Objects.requireNonNull(once.get("f199"));
        Attributes gone = Objects.requireNonNull(once.get("f198"));
        OpenFile file = volume.fs().open(last.inode(), OpenMode.READ_WRITE);
        file.append(MemorySegment.ofArray(new byte[] {1, 2, 3}));
        file.release();
        volume.rename("/many/f199", "/elsewhere");
        assertThat(volume.fs().getattr(last.inode()).size()).isEqualTo(202);
        assertThat(volume.inode("/elsewhere")).isEqualTo(last.inode());
        volume.unlink("/many/f198");
        assertThat(volume.fs().getattr(gone.inode()).nlink()).isZero();
        forget(once);
    }
}

package io.arcfs.it.kit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.Created;
import io.arcfs.overlay.FileSystem.OpenMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Makes folders of many files without a mount: what a program would need minutes for. */
public final class ManyFiles {
    private static final Caller CALLER = new Caller(0, 0, 022);

    private ManyFiles() {}

    /** Makes a folder; returns its inode. */
    public static long folder(FileSystem fs, long parent, String name) throws IOException {
        return fs.mkdir(parent, name.getBytes(US_ASCII), 0755, CALLER).inode();
    }

    /**
     * Makes files with names like file0.
     *
     * @param holeBytes length of each, all of it a hole
     */
    public static void sparse(FileSystem fs, long folder, int files, long holeBytes)
            throws IOException {
        make(
                fs,
                folder,
                files,
                file -> {
                    if (holeBytes > 0) {
                        file.file().truncate(holeBytes);
                    }
                });
    }

    /** The same with bytes. */
    public static void full(FileSystem fs, long folder, int files, int bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(bytes).fill((byte) 7);
            make(fs, folder, files, file -> file.file().append(content));
        }
    }

    @FunctionalInterface
    private interface Content {
        void give(Created file) throws IOException;
    }

    private static void make(FileSystem fs, long folder, int files, Content content)
            throws IOException {
        for (int i = 0; i < files; i++) {
            byte[] name = ("file" + i).getBytes(US_ASCII);
            Created made = fs.create(folder, name, 0644, OpenMode.READ_WRITE, CALLER);
            content.give(made);
            made.file().release();
            fs.forget(made.attributes().inode(), 1);
        }
    }
}

package io.arcfs.fuse.jnr;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.fuse.jnr.PathResolver.Node;
import io.arcfs.fuse.jnr.PathResolver.Place;
import io.arcfs.fuse.memory.MemoryFileSystem;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Paths to inodes, on a file system that throws when a reference is given back twice. */
final class PathResolverTest {
    private static final Caller ROOT = new Caller(0, 0, 0);
    private static final long SEED = 77;

    private final MemoryFileSystem fileSystem = new MemoryFileSystem(1 << 20);
    private final PathResolver paths = new PathResolver(fileSystem);
    private final Arena arena = Arena.ofShared();

    @AfterEach
    void everyReferenceIsGivenBack() {
        paths.close();
        arena.close();
        assertThat(fileSystem.strayReferences()).isZero();
    }

    @Test
    void aPathIsWalkedToItsInode() throws Exception {
        long a = mkdir(FileSystem.ROOT_INODE, "a");
        long b = mkdir(a, "b");

        assertThat(inodeOf("/")).isEqualTo(FileSystem.ROOT_INODE);
        assertThat(inodeOf("/a")).isEqualTo(a);
        assertThat(inodeOf("/a/b")).isEqualTo(b);
        try (Place place = paths.place(path("/a/b/new"))) {
            assertThat(place.directory()).isEqualTo(b);
            assertThat(place.name()).isEqualTo("new".getBytes(UTF_8));
        }
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        long a = mkdir(FileSystem.ROOT_INODE, "a");
        var created =
                fileSystem.create(a, bytes("file"), 0644, FileSystem.OpenMode.READ_WRITE, ROOT);
        created.file().release();
        fileSystem.forget(created.attributes().inode(), 1);

        assertReason(Reason.NOT_FOUND, "/b");
        assertReason(Reason.NOT_FOUND, "/b/c");
        assertReason(Reason.NOT_DIRECTORY, "/a/file/c");
        assertReason(Reason.NAME_TOO_LONG, "/a/" + "x".repeat(256));
        assertReason(Reason.NAME_TOO_LONG, "/" + "x".repeat(256) + "/a");
        assertThatThrownBy(() -> paths.place(path("/")))
                .isInstanceOfSatisfying(
                        FsException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
    }

    @Test
    void aRenamedDirectoryIsNotFoundByItsOldPathAndWhatIsBelowComesAlong() throws Exception {
        long a = mkdir(FileSystem.ROOT_INODE, "a");
        long b = mkdir(a, "b");
        long c = mkdir(b, "c");
        assertThat(inodeOf("/a/b/c")).isEqualTo(c);

        rename("/a", "/z");

        assertReason(Reason.NOT_FOUND, "/a/b/c");
        assertThat(inodeOf("/z/b/c")).isEqualTo(c);
    }

    @Test
    void anInodeIsGoodWhileItsPlaceIsHeldWhateverHappensToItsName() throws Exception {
        long a = mkdir(FileSystem.ROOT_INODE, "a");
        try (Place inner = paths.place(path("/a/new"));
                Place outer = paths.place(path("/a"))) {
            fileSystem.rmdir(FileSystem.ROOT_INODE, bytes("a"));
            paths.dropped(outer);
            assertThat(fileSystem.getattr(inner.directory()).inode()).isEqualTo(a);
        }
        assertThatThrownBy(() -> fileSystem.getattr(a)).isInstanceOf(FsException.class);
    }

    @Test
    void moreDirectoriesThanTheCacheHoldsAreAllFound() throws Exception {
        List<Long> inodes = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            long outer = mkdir(FileSystem.ROOT_INODE, "d" + i);
            inodes.add(mkdir(outer, "inner"));
        }
        for (int i = 0; i < 5000; i++) {
            assertThat(inodeOf("/d" + i + "/inner")).isEqualTo(inodes.get(i));
        }
        assertThat(fileSystem.strayReferences()).isLessThanOrEqualTo(4096);
    }

    @Test
    void walkersAndRenamersDoNotDisturbEachOther() throws Exception {
        long a = mkdir(FileSystem.ROOT_INODE, "a");
        long b = mkdir(a, "b");
        long c = mkdir(b, "c");
        try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
            List<Future<?>> walkers = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                var random = new Random(SEED + t);
                walkers.add(
                        pool.submit(() -> {
                            for (int i = 0; i < 20_000; i++) {
                                found(random.nextBoolean() ? "/a/b/c" : "/z/b/c", c);
                            }
                            return null;
                        }));
            }
            for (int i = 0; i < 2000; i++) {
                rename("/a", "/z");
                rename("/z", "/a");
            }
            for (Future<?> walker : walkers) {
                walker.get();
            }
        }
        assertThat(inodeOf("/a/b/c")).isEqualTo(c);
        assertReason(Reason.NOT_FOUND, "/z/b/c");
    }

    /** A path means the inode or, while it is called otherwise, nothing. */
    private void found(String path, long inode) throws FsException {
        try (Node node = paths.node(path(path))) {
            assertThat(node.inode()).isEqualTo(inode);
        } catch (FsException e) {
            assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND);
        }
    }

    private void rename(String from, String to) throws FsException {
        try (Place source = paths.place(path(from));
                Place target = paths.place(path(to))) {
            fileSystem.rename(
                    source.directory(),
                    source.name(),
                    target.directory(),
                    target.name(),
                    RenameMode.REPLACE);
            paths.dropped(source);
            paths.dropped(target);
        }
    }

    private long inodeOf(String path) throws FsException {
        try (Node node = paths.node(path(path))) {
            return node.inode();
        }
    }

    private void assertReason(Reason reason, String path) {
        assertThatThrownBy(() -> inodeOf(path))
                .isInstanceOfSatisfying(
                        FsException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private long mkdir(long parent, String name) throws FsException {
        long inode = fileSystem.mkdir(parent, bytes(name), 0755, ROOT).inode();
        fileSystem.forget(inode, 1);
        return inode;
    }

    private long path(String path) {
        return arena.allocateFrom(path).address();
    }

    private static byte[] bytes(String name) {
        return name.getBytes(UTF_8);
    }
}

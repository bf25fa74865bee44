package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NamespaceTest {
    @TempDir Path directory;
    private Volume volume;

    @BeforeEach
    void open() throws IOException {
        volume = Volume.in(directory);
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
    }

    private static void fails(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FsException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private Attributes stat(String path) throws IOException {
        return Objects.requireNonNull(volume.stat(path), path);
    }

    @Test
    void whatIsCreatedIsFoundListedAndRead() throws Exception {
        volume.mkdir("/films");
        volume.create("/films/one", "first");
        volume.symlink("one", "/films/link");
        assertThat(volume.list("/films")).containsExactly("link", "one");
        assertThat(volume.text("/films/one")).isEqualTo("first");
        assertThat(volume.fs().readlink(volume.inode("/films/link"))).asString().isEqualTo("one");
        assertThat(stat("/films/one").size()).isEqualTo(5);
        assertThat(stat("/films").nlink()).isEqualTo(2);
    }

    @Test
    void writesBelowTheWrittenEndAreRefused() throws Exception {
        volume.create("/f", "0123456789");
        OpenFile file = volume.open("/f", OpenMode.READ_WRITE);
        fails(Reason.NOT_PERMITTED, () -> Volume.write(file, 9, Volume.bytes("x")));
        Volume.write(file, 12, Volume.bytes("yz"));
        file.release();
        assertThat(volume.readAll("/f"))
                .isEqualTo("0123456789\0\0yz".getBytes(StandardCharsets.UTF_8));
        fails(
                Reason.NOT_PERMITTED,
                () -> volume.fs().setattr(volume.inode("/f"), AttributeChange.ofSize(3)));
        volume.fs().setattr(volume.inode("/f"), AttributeChange.ofSize(20));
        assertThat(stat("/f").size()).isEqualTo(20);
        volume.fs().setattr(volume.inode("/f"), AttributeChange.ofSize(0));
        assertThat(volume.readAll("/f")).isEmpty();
        volume.append("/f", "new");
        assertThat(volume.text("/f")).isEqualTo("new");
    }

    @Test
    void contentSurvivesArchiveMergeAndReopen() throws Exception {
        volume.mkdir("/a");
        volume.create("/a/f", "old");
        volume.link("/a/f", "/a/g");
        assertThat(volume.archive()).isTrue();
        assertThat(volume.archive()).isFalse();
        Attributes archived = stat("/a/f");
        assertThat(archived.nlink()).isEqualTo(2);
        volume.append("/a/f", " and new");
        assertThat(volume.text("/a/g")).isEqualTo("old and new");
        assertThat(volume.archive()).isTrue();
        assertThat(volume.text("/a/g")).isEqualTo("old and new");
        assertThat(volume.mergeAll()).isTrue();
        assertThat(volume.text("/a/f")).isEqualTo("old and new");
        volume.reopen();
        assertThat(volume.text("/a/f")).isEqualTo("old and new");
        assertThat(stat("/a/f").inode()).isEqualTo(archived.inode());
        assertThat(volume.inode("/a/g")).isEqualTo(archived.inode());
    }

    @Test
    void openFilesStayReadableThroughRoundsAndUnlink() throws Exception {
        volume.create("/f", "bytes");
        OpenFile open = volume.open("/f", OpenMode.READ_WRITE);
        volume.archive();
        assertThat(Volume.read(open, 0, 10)).asString().isEqualTo("bytes");
        volume.unlink("/f");
        assertThat(open.attributes().nlink()).isZero();
        Volume.write(open, 5, Volume.bytes("!"));
        volume.create("/other", "x");
        volume.archive();
        volume.mergeAll();
        assertThat(Volume.read(open, 0, 10)).asString().isEqualTo("bytes!");
        open.release();
        volume.reopen();
        assertThat(volume.list("/")).containsExactly("other");
    }

    @Test
    void removedAndRecreatedDirectoryShowsOnlyTheNew() throws Exception {
        volume.mkdir("/d");
        volume.create("/d/old", "1");
        volume.archive();
        volume.unlink("/d/old");
        volume.rmdir("/d");
        volume.mkdir("/d");
        volume.archive();
        volume.create("/d/new", "2");
        volume.archive();
        assertThat(volume.list("/d")).containsExactly("new");
        volume.mergeAll();
        assertThat(volume.list("/d")).containsExactly("new");
        volume.reopen();
        assertThat(volume.list("/d")).containsExactly("new");
    }

    @Test
    void archivedDirectoriesMoveWithTheirContentsInEveryRound() throws Exception {
        volume.mkdir("/a");
        volume.mkdir("/a/sub");
        volume.create("/a/sub/f", "deep");
        volume.archive();
        volume.rename("/a", "/b");
        volume.create("/b/sub/g", "beside");
        volume.rename("/b", "/c");
        assertThat(volume.list("/")).containsExactly("c");
        assertThat(volume.text("/c/sub/f")).isEqualTo("deep");
        volume.archive();
        volume.mkdir("/a");
        volume.rename("/c/sub", "/a/sub2");
        volume.archive();
        assertThat(volume.list("/a/sub2")).containsExactly("f", "g");
        assertThat(volume.list("/c")).isEmpty();
        volume.rename("/a", "/c", RenameMode.EXCHANGE);
        assertThat(volume.text("/c/sub2/g")).isEqualTo("beside");
        volume.archive();
        volume.mergeAll();
        assertThat(volume.text("/c/sub2/f")).isEqualTo("deep");
        assertThat(volume.list("/a")).isEmpty();
        volume.reopen();
        assertThat(volume.list("/c/sub2")).containsExactly("f", "g");
    }

    @Test
    void chmodThroughOneNameOfAnArchivedFileShowsOnAll() throws Exception {
        volume.create("/one", "x");
        volume.link("/one", "/two");
        volume.archive();
        volume.fs().setattr(volume.inode("/two"), AttributeChange.ofPermissions(0600));
        volume.archive();
        assertThat(stat("/one").mode() & 07777).isEqualTo(0600);
        volume.unlink("/one");
        volume.archive();
        assertThat(stat("/two").nlink()).isEqualTo(1);
        assertThat(volume.text("/two")).isEqualTo("x");
    }

    @Test
    void reservedXattrsAndWhiteoutsAreRefused() throws Exception {
        volume.create("/f", "");
        long inode = volume.inode("/f");
        fails(
                Reason.NOT_PERMITTED,
                () ->
                        volume.fs()
                                .setxattr(
                                        inode,
                                        Volume.bytes("trusted.overlay.opaque"),
                                        new byte[] {'y'},
                                        XattrMode.SET));
        fails(
                Reason.NOT_PERMITTED,
                () ->
                        volume.fs()
                                .mknod(
                                        1,
                                        Volume.bytes("w"),
                                        0020000,
                                        0,
                                        new FileSystem.Caller(0, 0, 0)));
        volume.fs()
                .setxattr(inode, Volume.bytes("user.note"), Volume.bytes("kept"), XattrMode.CREATE);
        volume.archive();
        volume.reopen();
        assertThat(volume.fs().getxattr(volume.inode("/f"), Volume.bytes("user.note")))
                .asString()
                .isEqualTo("kept");
        assertThat(volume.fs().listxattr(volume.inode("/f"))).hasSize(1);
    }

    @Test
    void timesAndCtimeSurviveRounds() throws Exception {
        volume.create("/f", "x");
        volume.fs()
                .setattr(
                        volume.inode("/f"),
                        AttributeChange.ofTimes(
                                new AttributeChange.Time(7, 8),
                                new AttributeChange.Time(-5, 123_456_789)));
        Attributes before = stat("/f");
        assertThat(before.mtimeSeconds()).isEqualTo(-5);
        volume.archive();
        volume.mergeAll();
        volume.reopen();
        assertThat(stat("/f")).isEqualTo(before);
    }

    @Test
    void largeSparseFilesKeepTheirHolesAndTheirBytes() throws Exception {
        volume.create("/big", "");
        byte[] block = new byte[100_000];
        new java.util.Random(7).nextBytes(block);
        OpenFile file = volume.open("/big", OpenMode.READ_WRITE);
        Volume.write(file, 10_000_000, block);
        Volume.write(file, 30_000_000, block);
        volume.archive();
        Volume.write(file, 30_100_000, block);
        file.release();
        volume.archive();
        volume.reopen();
        OpenFile again = volume.open("/big", OpenMode.READ);
        assertThat(Volume.read(again, 10_000_000, 100_000)).isEqualTo(block);
        assertThat(Volume.read(again, 30_000_000, 100_000)).isEqualTo(block);
        assertThat(Volume.read(again, 30_100_000, 200_000)).isEqualTo(block);
        assertThat(Volume.read(again, 20_000_000, 1000)).containsOnly(0);
        assertThat(again.seek(0, OpenFile.SeekTarget.DATA)).isBetween(9_900_000L, 10_000_000L);
        again.release();
    }

    @Test
    void renameOverAnOpenFileKeepsBothContents() throws Exception {
        volume.create("/a", "A");
        volume.create("/b", "B");
        OpenFile old = volume.open("/b", OpenMode.READ);
        volume.rename("/a", "/b");
        assertThat(volume.text("/b")).isEqualTo("A");
        assertThat(Volume.read(old, 0, 9)).asString().isEqualTo("B");
        old.release();
        fails(Reason.NOT_FOUND, () -> volume.inode("/a"));
    }

    @Test
    void manyNamesThatCameAndWentAreNotListed() throws Exception {
        volume.mkdir("/d");
        volume.create("/d/stays", "x");
        long parent = volume.inode("/d");
        FileSystem.Caller caller = new FileSystem.Caller(0, 0, 0);
        for (int i = 0; i < 20_000; i++) {
            byte[] name = Volume.bytes("n" + i);
            volume.fs().forget(volume.fs().mknod(parent, name, 0100644, 0, caller).inode(), 1);
            volume.fs().unlink(parent, name);
        }
        assertThat(volume.list("/d")).containsExactly("stays");
    }

    @Test
    void aLongListingIsReadInPiecesFromAnyCookie() throws Exception {
        FileSystem.Caller caller = new FileSystem.Caller(0, 0, 0);
        for (int i = 0; i < 1000; i++) {
            volume.fs().mknod(1, Volume.bytes("n".repeat(1 + i % 200) + i), 0100600, 0, caller);
        }
        OpenDirectory whole = volume.fs().openDirectory(1);
        List<String> all = new ArrayList<>();
        whole.read(
                0,
                (name, _, _, cookie) -> {
                    all.add(new String(name, StandardCharsets.UTF_8));
                    return cookie == all.size();
                });
        assertThat(all).hasSize(1002).startsWith(".", "..").doesNotHaveDuplicates();
        for (int cookie = 1; cookie < all.size(); cookie += 7) {
            int from = cookie;
            List<String> piece = new ArrayList<>();
            whole.read(
                    from,
                    (name, _, _, _) -> {
                        piece.add(new String(name, StandardCharsets.UTF_8));
                        return piece.size() < 300;
                    });
            assertThat(piece).isEqualTo(all.subList(from, Math.min(all.size(), from + 300)));
        }
        whole.read(
                1002,
                (_, _, _, _) -> {
                    throw new AssertionError("nothing is behind the end");
                });
        whole.release();
    }

    @Test
    void thousandsOfInodesThatTheKernelHoldsStayKnown() throws Exception {
        int count = 2 * 32_768 + 5;
        FileSystem.Caller caller = new FileSystem.Caller(0, 0, 0);
        long[] inodes = new long[count];
        for (int i = 0; i < count; i++) {
            byte[] name = Volume.bytes("n" + i);
            inodes[i] = volume.fs().mknod(1, name, 0100600, 0, caller).inode();
            volume.fs().lookup(1, name);
        }
        volume.rename("/n7", "/renamed");
        for (int i = 0; i < count; i += 1001) {
            assertThat(volume.fs().getattr(inodes[i]).inode()).isEqualTo(inodes[i]);
            volume.fs().setattr(inodes[i], AttributeChange.ofPermissions(0640));
        }
        assertThat(volume.fs().getattr(inodes[7]).nlink()).isEqualTo(1);
        Map<Long, Long> told = new HashMap<>();
        volume.fs().references((inode, _, _, lookups) -> told.put(inode, lookups));
        assertThat(told).hasSize(count);
        assertThat(told.get(inodes[5])).isEqualTo(2L);
        for (long inode : inodes) {
            volume.fs().forget(inode, 2);
        }
        assertThat(stat("/n1001").mode()).isEqualTo(0100640);
        assertThat(stat("/renamed").inode()).isEqualTo(inodes[7]);
    }

    @Test
    void directoryOperationsAnswerAsPosixSays() throws Exception {
        volume.mkdir("/d");
        volume.mkdir("/d/e");
        fails(Reason.NOT_EMPTY, () -> volume.rmdir("/d"));
        fails(Reason.INVALID, () -> volume.rename("/d", "/d/e/x"));
        fails(Reason.EXISTS, () -> volume.mkdir("/d"));
        fails(Reason.IS_DIRECTORY, () -> volume.unlink("/d"));
        volume.create("/f", "");
        fails(Reason.NOT_DIRECTORY, () -> volume.rmdir("/f"));
        fails(Reason.NOT_DIRECTORY, () -> volume.rename("/d", "/f"));
        fails(Reason.IS_DIRECTORY, () -> volume.rename("/f", "/d"));
        fails(Reason.NAME_TOO_LONG, () -> volume.mkdir("/" + "n".repeat(256)));
        volume.mkdir("/" + "n".repeat(255));
    }

    /** Its append file went with its last name; opening it fails, and nothing is left open. */
    @Test
    void aRemovedFileThatNobodyHadOpenCannotBeOpened() throws Exception {
        volume.create("/f", "gone soon");
        long inode = volume.inode("/f");
        volume.unlink("/f");
        volume.fs().sync();
        assertThatThrownBy(() -> volume.fs().open(inode, OpenMode.READ))
                .isInstanceOf(FsException.class);
        assertThat(volume.overlay().status().handles()).isZero();
        volume.create("/f", "anew");
        assertThat(volume.text("/f")).isEqualTo("anew");
    }

    /** Lookups take the namespace's lock beside each other and beside changes. */
    @Test
    void lookupsBesideRenamesFindOneOfTheNames() throws Exception {
        volume.create("/one", "x");
        long inode = volume.inode("/one");
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<?>> others = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                others.add(
                        threads.submit(() -> {
                            while (!done.get()) {
                                // It may move between the two looks: then neither finds it.
                                Attributes found = volume.stat("/one");
                                found = found != null ? found : volume.stat("/two");
                                if (found != null) {
                                    assertThat(found.inode()).isEqualTo(inode);
                                }
                                assertThat(volume.fs().getattr(inode).size()).isEqualTo(1);
                            }
                            return null;
                        }));
            }
            try {
                for (int i = 0; i < 1000; i++) {
                    volume.rename("/one", "/two");
                    volume.rename("/two", "/one");
                }
            } finally {
                done.set(true);
            }
            for (Future<?> other : others) {
                other.get();
            }
        }
        assertThat(stat("/one").inode()).isEqualTo(inode);
    }
}

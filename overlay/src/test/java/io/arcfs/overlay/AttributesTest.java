package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.overlay.AttributeChange.Time;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.Created;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stat and the ACL xattrs show, also after every step of a layer's life. */
final class AttributesTest {
    private static final Caller MASKED = new Caller(1000, 1000, 027);

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

    private Attributes stat(String path) throws IOException {
        return Objects.requireNonNull(volume.stat(path), path);
    }

    private int permissions(String path) throws IOException {
        return stat(path).mode() & 07777;
    }

    private void setTimes(String path, Time atime, Time mtime) throws IOException {
        volume.fs().setattr(volume.inode(path), AttributeChange.ofTimes(atime, mtime));
    }

    /** Archives, merges and opens again, after a change that makes a layer of its own. */
    private void ageBy(String name) throws Exception {
        volume.archive();
        volume.create("/" + name, "");
        volume.archive();
        volume.mergeAll();
        volume.reopen();
    }

    @Nested
    class AccessTime {
        @Test
        void readsAsMtimeUntilItIsSet() throws Exception {
            volume.create("/f", "x");
            Attributes made = stat("/f");
            assertThat(made.atimeSeconds()).isEqualTo(made.mtimeSeconds());
            assertThat(made.atimeNanos()).isEqualTo(made.mtimeNanos());
            volume.readAll("/f");
            assertThat(stat("/f")).isEqualTo(made);
        }

        @Test
        void staysAsSetThroughAppendsAndRounds() throws Exception {
            volume.create("/f", "x");
            volume.mkdir("/d");
            volume.fs().setattr(volume.inode("/f"), AttributeChange.ofTimes(new Time(5, 6), null));
            volume.fs().setattr(volume.inode("/d"), AttributeChange.ofTimes(new Time(7, 8), null));
            volume.append("/f", "more");
            Attributes before = stat("/f");
            assertThat(before.atimeSeconds()).isEqualTo(5);
            assertThat(before.atimeNanos()).isEqualTo(6);
            assertThat(before.mtimeSeconds()).isGreaterThan(1_000_000);
            ageBy("one");
            assertThat(stat("/f")).isEqualTo(before);
            assertThat(stat("/d").atimeSeconds()).isEqualTo(7);
            assertThat(volume.fs().listxattr(volume.inode("/f"))).isEmpty();
            volume.append("/f", "and more");
            assertThat(stat("/f").atimeSeconds()).isEqualTo(5);
            ageBy("two");
            assertThat(stat("/f").atimeSeconds()).isEqualTo(5);
        }

        @Test
        void isNotMovedBySettingMtimeAlone() throws Exception {
            volume.create("/f", "x");
            setTimes("/f", new Time(100, 1), new Time(100, 1));
            volume.fs().setattr(volume.inode("/f"), AttributeChange.ofTimes(null, new Time(9, 9)));
            assertThat(stat("/f").atimeSeconds()).isEqualTo(100);
            assertThat(stat("/f").mtimeSeconds()).isEqualTo(9);
            ageBy("one");
            assertThat(stat("/f").atimeSeconds()).isEqualTo(100);
        }
    }

    @Nested
    class LinkCountsOfDirectories {
        @Test
        void areTwoAndTheFoldersInside() throws Exception {
            volume.mkdir("/d");
            volume.mkdir("/d/a");
            volume.mkdir("/d/b");
            volume.create("/d/file", "");
            assertThat(stat("/d").nlink()).isEqualTo(4);
            assertThat(stat("/").nlink()).isEqualTo(3);
            volume.rmdir("/d/b");
            assertThat(stat("/d").nlink()).isEqualTo(3);
        }

        @Test
        void areRightForDirectoriesThatMergeOverLayers() throws Exception {
            volume.mkdir("/d");
            volume.mkdir("/d/a");
            volume.mkdir("/d/b");
            volume.archive();
            volume.mkdir("/d/c");
            assertThat(stat("/d").nlink()).isEqualTo(5);
            volume.archive();
            volume.rmdir("/d/a");
            volume.create("/d/f", "");
            volume.archive();
            volume.reopen();
            assertThat(stat("/d").nlink()).isEqualTo(4);
            volume.mergeAll();
            volume.reopen();
            assertThat(stat("/d").nlink()).isEqualTo(4);
            assertThat(stat("/").nlink()).isEqualTo(3);
        }

        @Test
        void followFoldersThatMove() throws Exception {
            volume.mkdir("/from");
            volume.mkdir("/to");
            volume.mkdir("/from/moved");
            volume.create("/to/file", "");
            volume.archive();
            volume.rename("/from/moved", "/to/moved");
            assertThat(stat("/from").nlink()).isEqualTo(2);
            assertThat(stat("/to").nlink()).isEqualTo(3);
            volume.rename("/to/moved", "/to/renamed");
            assertThat(stat("/to").nlink()).isEqualTo(3);
            volume.rename("/to/renamed", "/to/file", RenameMode.EXCHANGE);
            assertThat(stat("/to").nlink()).isEqualTo(3);
            volume.create("/from/x", "");
            volume.rename("/to/file", "/from/x", RenameMode.EXCHANGE);
            assertThat(stat("/from").nlink()).isEqualTo(3);
            assertThat(stat("/to").nlink()).isEqualTo(2);
            volume.mkdir("/to/empty");
            volume.rename("/from/x", "/to/empty");
            assertThat(stat("/from").nlink()).isEqualTo(2);
            assertThat(stat("/to").nlink()).isEqualTo(3);
            ageBy("one");
            assertThat(stat("/from").nlink()).isEqualTo(2);
            assertThat(stat("/to").nlink()).isEqualTo(3);
        }
    }

    @Nested
    class MasksAndAcls {
        private final byte[] access = PosixAcl.accessName();
        private final byte[] inherited = PosixAcl.defaultName();

        /** u::rwx u:5:rwx g::r-x m::rwx o::r-- */
        private final byte[] named = acl(1, 7, -1, 2, 7, 5, 4, 5, -1, 0x10, 7, -1, 0x20, 4, -1);

        private static byte[] acl(int... tagPermissionsId) {
            ByteBuffer view =
                    ByteBuffer.allocate(4 + tagPermissionsId.length / 3 * 8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(2);
            for (int i = 0; i < tagPermissionsId.length; i += 3) {
                view.putShort((short) tagPermissionsId[i])
                        .putShort((short) tagPermissionsId[i + 1])
                        .putInt(tagPermissionsId[i + 2]);
            }
            return view.array();
        }

        private void make(String path, int mode) throws IOException {
            byte[] name = Volume.bytes(path.substring(path.lastIndexOf('/') + 1));
            volume.fs()
                    .create(volume.parent(path), name, mode, OpenMode.READ_WRITE, MASKED)
                    .file()
                    .release();
        }

        private byte @Nullable [] get(String path, byte[] name) throws IOException {
            return volume.fs().getxattr(volume.inode(path), name);
        }

        private void set(String path, byte[] name, byte[] value) throws IOException {
            volume.fs().setxattr(volume.inode(path), name, value, XattrMode.SET);
        }

        @Test
        void theUmaskIsTakenOffNewInodes() throws Exception {
            make("/f", 0666);
            volume.fs().mkdir(1, Volume.bytes("d"), 01777, MASKED);
            volume.fs().symlink(1, Volume.bytes("s"), Volume.bytes("x"), MASKED);
            assertThat(permissions("/f")).isEqualTo(0640);
            assertThat(permissions("/d")).isEqualTo(01750);
            assertThat(permissions("/s")).isEqualTo(0777);
        }

        @Test
        void anAccessAclMovesTheModeAndIsMovedByChmod() throws Exception {
            make("/f", 04640);
            set("/f", access, named);
            assertThat(permissions("/f")).isEqualTo(04774);
            assertThat(get("/f", access)).isEqualTo(named);
            volume.fs().setattr(volume.inode("/f"), AttributeChange.ofPermissions(0631));
            assertThat(get("/f", access))
                    .isEqualTo(acl(1, 6, -1, 2, 7, 5, 4, 5, -1, 0x10, 3, -1, 0x20, 1, -1));
            ageBy("one");
            assertThat(get("/f", access))
                    .isEqualTo(acl(1, 6, -1, 2, 7, 5, 4, 5, -1, 0x10, 3, -1, 0x20, 1, -1));
            assertThat(permissions("/f")).isEqualTo(0631);
        }

        @Test
        void anAclThatAModeCanSayIsNotKept() throws Exception {
            make("/f", 0640);
            set("/f", access, named);
            set("/f", access, acl(1, 6, -1, 4, 1, -1, 0x20, 4, -1));
            assertThat(permissions("/f")).isEqualTo(0614);
            assertThat(get("/f", access)).isNull();
        }

        @Test
        void theDefaultAclStandsInForTheUmask() throws Exception {
            volume.mkdir("/d");
            set("/d", inherited, named);
            make("/d/f", 0666);
            assertThat(permissions("/d/f")).isEqualTo(0664);
            assertThat(get("/d/f", access))
                    .isEqualTo(acl(1, 6, -1, 2, 7, 5, 4, 5, -1, 0x10, 6, -1, 0x20, 4, -1));
            assertThat(get("/d/f", inherited)).isNull();
            volume.fs().mkdir(volume.inode("/d"), Volume.bytes("sub"), 0777, MASKED);
            assertThat(get("/d/sub", inherited)).isEqualTo(named);
            assertThat(get("/d/sub", access)).isEqualTo(named);
            set("/d", inherited, acl(1, 7, -1, 4, 5, -1, 0x20, 0, -1));
            make("/d/plain", 0666);
            assertThat(permissions("/d/plain")).isEqualTo(0640);
            assertThat(get("/d/plain", access)).isNull();
        }

        @Test
        void whatIsNoAclIsRefused() throws Exception {
            make("/f", 0640);
            for (byte[] bad :
                    new byte[][] {
                        {1},
                        {1, 0, 0, 0},
                        acl(1, 7, -1, 4, 5, -1),
                        acl(1, 7, -1, 2, 7, 5, 4, 5, -1, 0x20, 4, -1),
                        acl(1, 9, -1, 4, 5, -1, 0x20, 4, -1),
                        acl(4, 5, -1, 1, 7, -1, 0x20, 4, -1)
                    }) {
                assertThatThrownBy(() -> set("/f", access, bad))
                        .isInstanceOfSatisfying(
                                FsException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
            }
            assertThatThrownBy(() -> set("/f", inherited, named)).isInstanceOf(FsException.class);
        }
    }

    @Nested
    class FilesWithoutAName {
        private final OpenMode mode = OpenMode.READ_WRITE;

        @Test
        void canBeNamedAndThenLast() throws Exception {
            volume.mkdir("/d");
            Created made = volume.fs().tmpfile(volume.inode("/d"), 0666, mode, MASKED);
            assertThat(made.attributes().nlink()).isZero();
            assertThat(made.attributes().mode()).isEqualTo(0100640);
            Volume.write(made.file(), 0, Volume.bytes("early"));
            volume.archive();
            Volume.write(made.file(), 5, Volume.bytes(" late"));
            long inode = made.attributes().inode();
            volume.fs().link(inode, volume.inode("/d"), Volume.bytes("named"));
            Volume.write(made.file(), 10, Volume.bytes(" last"));
            assertThat(stat("/d/named").nlink()).isEqualTo(1);
            assertThat(stat("/d/named").inode()).isEqualTo(inode);
            volume.link("/d/named", "/d/second");
            made.file().release();
            ageBy("one");
            assertThat(volume.text("/d/second")).isEqualTo("early late last");
            assertThat(stat("/d/named").nlink()).isEqualTo(2);
        }

        @Test
        void leaveNothingBehind() throws Exception {
            volume.create("/keep", "x");
            Created made = volume.fs().tmpfile(1, 0600, mode, MASKED);
            Volume.write(made.file(), 0, Volume.bytes("gone"));
            made.file().fsync();
            assertThat(Volume.read(made.file(), 0, 9)).asString().isEqualTo("gone");
            made.file().release();
            volume.fs().forget(made.attributes().inode(), 1);
            volume.fs().sync();
            assertThat(directory.resolve("upper/data").toFile().list()).hasSize(1);
            assertThat(volume.list("/")).containsExactly("keep");
        }

        @Test
        void unlinkedFilesAreNotNamedAgain() throws Exception {
            volume.create("/f", "x");
            OpenFile open = volume.open("/f", mode);
            volume.unlink("/f");
            assertThatThrownBy(() -> volume.fs().link(open.inode(), 1, Volume.bytes("g")))
                    .isInstanceOfSatisfying(
                            FsException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
            open.release();
        }
    }
}

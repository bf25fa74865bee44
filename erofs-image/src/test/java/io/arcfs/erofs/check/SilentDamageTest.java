package io.arcfs.erofs.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.SuperBlockChecksum;
import io.arcfs.erofs.layout.SuperBlockLayout;
import io.arcfs.erofs.write.FileData;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damage that kernels mount and show as if nothing were wrong: one finding names the offset and the
 * path of it.
 */
class SilentDamageTest {
    private static final int DEVICE_BLOCKS = 100;

    @TempDir(factory = InMemory.class)
    Path directory;

    private final MemoryTree tree = new WithinTree();
    private MemorySegment bytes = MemorySegment.NULL;
    private @Nullable ErofsImage made;

    /** Files named "within..." have their data in the image. */
    private static final class WithinTree extends MemoryTree {
        private long within;

        @Override
        public FileData data(long key) throws IOException {
            return key == within
                    ? new FileData.Within((_, target) -> target.fill((byte) 'x'))
                    : super.data(key);
        }
    }

    private ErofsImage good() {
        return Objects.requireNonNull(made);
    }

    @BeforeEach
    void makeGoodImage() throws IOException {
        MemoryTree.Node sub = tree.directory(tree.root, "sub");
        MemoryTree.Node file = tree.file(sub, "within", 20_000, 0);
        ((WithinTree) tree).within = file.key;
        tree.file(sub, "chunked", 9000, 7);
        MemoryTree.Node linked = tree.file(sub, "linked", 0, 0);
        tree.link(tree.root, "link", linked);
        for (String large : List.of("large1", "large2")) {
            MemoryTree.Node node = tree.directory(tree.root, large);
            for (int i = 0; i < 400; i++) {
                tree.link(node, "%03d".formatted(i) + "n".repeat(40), linked);
            }
        }
        tree.directory(tree.directory(sub, "deep"), "deeper");
        Path path = directory.resolve("good");
        ImageWriter.write(
                tree,
                new ImageOptions(
                        new UUID(1, 2), "", 5, List.of(DeviceSlot.of("device", DEVICE_BLOCKS))),
                path);
        bytes = MemorySegment.ofArray(Files.readAllBytes(path));
        made = ErofsImage.open(path);
        assertThat(ImageChecker.check(made, List.of())).isEmpty();
    }

    @Test
    void wrongLinkCount() throws IOException {
        long inode = inode("link");
        LittleEndian.putU32(bytes, inode + ExtendedInodeLayout.NLINK, 7);
        // The first path it was met by, breadth first.
        assertFound(inode, "/link", "link count 7, should have 802");
        long sub = inode("sub");
        LittleEndian.putU32(bytes, sub + ExtendedInodeLayout.NLINK, 9);
        assertFound(sub, "/sub", "link count 9, should have 3");
    }

    @Test
    void dataOfAFileThatIsMetadata() throws IOException {
        LittleEndian.putU32(bytes, inode("sub", "within") + ExtendedInodeLayout.U, 0);
        assertFound(0, "/sub/within", "data of a file where the image holds something else");
    }

    @Test
    void directoriesThatShareTheirBlocks() throws IOException {
        long from = inode("large1") + ExtendedInodeLayout.U;
        long block = LittleEndian.u32(bytes, from);
        LittleEndian.putU32(bytes, inode("large2") + ExtendedInodeLayout.U, block);
        assertFound(block * 4096, "/large", "lies in something else");
    }

    @Test
    void addressBeyondTheDevice() throws IOException {
        long inode = inode("sub", "chunked");
        LittleEndian.putU32(bytes, inode + ExtendedInodeLayout.SIZE + 4, DEVICE_BLOCKS - 2);
        assertFound(inode, "/sub/chunked", "runs beyond device 1");
    }

    @Test
    void typeThatTheInodeDoesNotHave() throws IOException {
        long dirent = dirent("link", good().rootNid());
        LittleEndian.putU8(bytes, dirent + DirentLayout.FILE_TYPE, DirentLayout.TYPE_CHARACTER);
        assertFound(dirent, "/link", "dirent says type 3, inode says 1");
    }

    @Test
    void namesOutOfOrder() throws IOException {
        long root = inode();
        // The names stand behind the dirents: ".", "..", "large1", ...
        long names = root + ExtendedInodeLayout.SIZE;
        long first = names + LittleEndian.u16(bytes, names + DirentLayout.NAMEOFF);
        LittleEndian.putU8(bytes, first + 3, 'z');
        assertFound(names + 3L * DirentLayout.SIZE, "/", "out of order");
    }

    @Test
    void directoryInItself() throws IOException {
        long sub = good().lookup(good().rootNid(), name("sub"));
        long deep = good().lookup(sub, name("deep"));
        long dirent = dirent("deeper", deep);
        LittleEndian.putI64(bytes, dirent + DirentLayout.NID, sub);
        assertFound(dirent, "/sub/deep/deeper", "is reached twice");
    }

    @Test
    void parentThatIsAnother() throws IOException {
        long sub = good().lookup(good().rootNid(), name("sub"));
        DirectoryCursor cursor = good().cursor(sub);
        cursor.nextDirent();
        cursor.nextDirent();
        assertThat(cursor.name()).isEqualTo(name(".."));
        LittleEndian.putI64(bytes, cursor.direntOffset() + DirentLayout.NID, sub);
        assertFound(cursor.direntOffset(), "/sub", "\"..\" is inode");
    }

    private void assertFound(long offset, String path, String what) throws IOException {
        long covered = SuperBlockChecksum.end(4096) - SuperBlockLayout.SUPER_OFFSET;
        LittleEndian.putU32(
                bytes,
                SuperBlockLayout.SUPER_OFFSET + SuperBlockLayout.CHECKSUM,
                SuperBlockChecksum.of(
                        bytes.asSlice(SuperBlockLayout.SUPER_OFFSET, covered).asByteBuffer()));
        assertThat(ImageChecker.check(ErofsImage.of(bytes, "bad"), List.of()))
                .anySatisfy(finding -> {
                    assertThat(finding.what()).contains(what);
                    assertThat(finding.offsetBytes()).isEqualTo(offset);
                    assertThat(finding.path()).startsWith(path);
                });
    }

    private long inode(String... path) throws IOException {
        long nid = good().rootNid();
        for (String name : path) {
            nid = good().lookup(nid, name(name));
        }
        return good().inodeOffset(nid);
    }

    private long dirent(String name, long directoryNid) throws IOException {
        DirectoryCursor cursor = good().cursor(directoryNid);
        while (cursor.next()) {
            if (new String(cursor.name(), StandardCharsets.UTF_8).equals(name)) {
                return cursor.direntOffset();
            }
        }
        throw new AssertionError("no " + name);
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

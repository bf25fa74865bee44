package io.arcfs.erofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.erofs.check.Finding;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.layout.CompactInodeLayout;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.ExtendedInodeLayout;
import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.SuperBlockChecksum;
import io.arcfs.erofs.layout.SuperBlockLayout;
import io.arcfs.erofs.layout.XattrLayout;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.MemoryTree;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One field of a good image made wrong at a time, beside the corpus of corrupt images; the
 * superblock's checksum is right again. What is refused names the place and the reason.
 */
class BadImageTest {
    private static final long SUPER = SuperBlockLayout.SUPER_OFFSET;

    @TempDir(factory = io.arcfs.erofs.kernel.InMemory.class)
    Path directory;

    private byte[] bytes = {};
    private ErofsImage good = unset();
    private long file;
    private long link;

    private static ErofsImage unset() {
        try {
            return Corpus.image("basic-plain-inline", 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void makeGoodImage() throws IOException {
        MemoryTree tree = new MemoryTree();
        tree.directory(tree.root, "d");
        tree.file(tree.root, "f", 0, 0).xattr("user.x", "value").xattr("user.y", "other");
        tree.symlink(tree.root, "s", "target");
        tree.file(tree.root, "z", 0, 0);
        Path path = directory.resolve("good");
        Files.deleteIfExists(path);
        ImageWriter.write(tree, new ImageOptions(new UUID(1, 2), "", 5, List.of()), path);
        bytes = Files.readAllBytes(path);
        good = ErofsImage.of(MemorySegment.ofArray(bytes), "good");
        file = inodeOffset("f");
        link = inodeOffset("s");
        assertThat(ImageChecker.check(good, List.of())).isEmpty();
    }

    @Test
    void everyFlippedBitOfTheSuperblockIsSurvived() throws IOException {
        for (int bit = 0; bit < SuperBlockLayout.SIZE * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[(int) SUPER + bit / 8] ^= (byte) (1 << bit % 8);
            if (bit != SuperBlockLayout.FEATURE_COMPAT * 8) { // says that there is a checksum
                assertThat(findings(flipped)).as("bit %d", bit).isNotEmpty();
            }
            bytesSurvive(withChecksum(flipped));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1023, 1024, 1151, 1152, 1200, 2000, 4095})
    void truncatedImageIsRefused(int length) {
        assertThat(findings(java.util.Arrays.copyOf(bytes, length))).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "12,1,0",
        "12,1,8",
        "12,1,17",
        "12,1,31",
        "12,1,255", // block size
        "13,1,255", // extension slots
        "14,2,0",
        "14,2,65535", // root nid in the superblock, past the end
        "32,4,1000000000", // nanoseconds
        "36,4,4294967295", // length in blocks
        "40,4,4294967295", // where the inodes are
        "80,4,512",
        "80,4,2147483648",
        "80,4,256", // features
        "90,1,1", // directory blocks
    })
    void wrongSuperblockFieldIsRefused(int offset, int width, long value) {
        put(SUPER + offset, width, value);
        assertThat(findings(withChecksum(bytes))).isNotEmpty();
    }

    @Test
    void deviceTableBeyondTheImageIsRefused() {
        put(SUPER + SuperBlockLayout.FEATURE_INCOMPAT, 4, 8 | 4);
        put(SUPER + SuperBlockLayout.EXTRA_DEVICES, 2, 65_535);
        assertRefused("device table");
        put(SUPER + SuperBlockLayout.EXTRA_DEVICES, 2, 1);
        put(SUPER + SuperBlockLayout.DEVT_SLOTOFF, 2, 65_535);
        assertRefused("device table");
    }

    @Test
    void rootThatIsNoDirectoryIsRefused() throws IOException {
        put(SUPER + SuperBlockLayout.ROOTNID_2B, 2, nid("f"));
        assertRefused("no directory");
        put(SUPER + SuperBlockLayout.ROOTNID_2B, 2, nid("s"));
        assertRefused("no directory");
    }

    @Test
    void emptyImageOf0BlocksIsAFinding() {
        put(SUPER + SuperBlockLayout.BLOCKS_LO, 4, 0);
        assertFinding("0 blocks");
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, -1, Long.MIN_VALUE, 1L << 62})
    void impossibleSizesAreRefused(long size) {
        for (long inode : new long[] {file, link}) {
            long before = LittleEndian.i64(segment(), inode + ExtendedInodeLayout.FILE_SIZE);
            put(inode + ExtendedInodeLayout.FILE_SIZE, 8, size);
            if (inode == link || size < 0) {
                assertThat(findings(withChecksum(bytes))).isNotEmpty();
            } else {
                bytesSurvive(withChecksum(bytes)); // a hole of any size is one
            }
            put(inode + ExtendedInodeLayout.FILE_SIZE, 8, before);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9000, (1L << 33) + 1})
    void symlinkOfImpossibleLengthIsRefused(long size) {
        put(link + ExtendedInodeLayout.FILE_SIZE, 8, size);
        assertFinding("a symlink's target of " + size);
    }

    @Test
    void symlinkWithNulIsRefused() {
        bytes[(int) (link + ExtendedInodeLayout.SIZE) + 2] = 0;
        assertFinding("NUL");
    }

    @Test
    void linkCountOf0IsAFinding() {
        put(file + ExtendedInodeLayout.NLINK, 4, 0);
        assertFinding("link count");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0xF000, 0x3000, 0x7000})
    void bogusModesAreRefused(int mode) {
        put(file + ExtendedInodeLayout.MODE, 2, mode);
        assertFinding("bogus mode");
    }

    @Test
    void compactInodeWithBitsOfOthersIsRefused() {
        put(file + CompactInodeLayout.LAYOUT.byteOffset(path("i_format")), 2, 0x20 | 8);
        assertFinding("unknown bits");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7})
    void unknownLayoutsAreRefused(int layout) {
        put(file + ExtendedInodeLayout.FORMAT, 2, 1 | layout << 1);
        assertFinding("unknown data layout");
    }

    /** A compressed file is refused by name; the others are read. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void compressedFileIsRefusedAlone(int layout) throws IOException {
        put(file + ExtendedInodeLayout.FORMAT, 2, 1 | layout << 1);
        put(file + ExtendedInodeLayout.FILE_SIZE, 8, 100);
        ErofsImage image = ErofsImage.of(MemorySegment.ofArray(withChecksum(bytes)), "compressed");

        assertThatThrownBy(() -> image.extentAt(nid("f"), 0))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("compressed");
        assertThat(image.symlinkTarget(nid("s")))
                .isEqualTo("target".getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MAX_VALUE, 1L << 59, 1L << 40, 200})
    void wildNidsInDirentsAreRefused(long nid) throws IOException {
        put(direntOf("f") + DirentLayout.NID, 8, nid);
        assertThat(findings(withChecksum(bytes))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 99, 255})
    void fileTypesThatAreNoneAreRefused(int type) throws IOException {
        put(direntOf("f") + DirentLayout.FILE_TYPE, 1, type);
        assertFinding("type");
    }

    @Test
    void directoriesWithTwoParentsAreFound() throws IOException {
        // "z" becomes another name of "d".
        put(direntOf("z") + DirentLayout.NID, 8, nid("d"));
        put(direntOf("z") + DirentLayout.FILE_TYPE, 1, DirentLayout.TYPE_DIRECTORY);
        assertFinding("reached twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f", "d", "/", "\0"})
    void namesThatCannotBeAreRefused(String name) throws IOException {
        bytes[(int) nameOf("z")] = name.getBytes(StandardCharsets.UTF_8)[0];
        assertThat(findings(withChecksum(bytes))).isNotEmpty();
    }

    @Test
    void xattrBeyondItsInodeIsRefused() {
        long entry = file + ExtendedInodeLayout.SIZE + XattrLayout.IBODY_HEADER_SIZE;
        put(entry + XattrLayout.VALUE_SIZE, 2, 65_535);
        assertFinding("xattr");
        put(entry + XattrLayout.VALUE_SIZE, 2, 5);
        put(entry + XattrLayout.NAME_LEN, 1, 255);
        assertFinding("xattr");
    }

    @Test
    void sharedXattrBeyondTheImageIsRefused() {
        long header = file + ExtendedInodeLayout.SIZE;
        put(header + XattrLayout.SHARED_COUNT, 1, 1);
        put(header + XattrLayout.IBODY_HEADER_SIZE, 4, 0xFFFF_FFFFL);
        assertFinding("shared xattr");
    }

    /** The filter only speeds up kernels: what it says is not believed. */
    @Test
    void wrongNameFilterHidesNothing() throws IOException {
        put(SUPER + SuperBlockLayout.FEATURE_COMPAT, 4, 1 | 2 | 4);
        put(file + ExtendedInodeLayout.SIZE, 4, 0xFFFF_FFFFL);
        ErofsImage image = ErofsImage.of(MemorySegment.ofArray(withChecksum(bytes)), "filter");
        assertThat(image.xattr(nid("f"), "user.x".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("value".getBytes(StandardCharsets.UTF_8));
        // Kernels believe it.
        assertFinding("a name filter that hides an xattr");
    }

    @Test
    void xattrValueOf64KiBIsReadAndWritten() throws IOException {
        MemoryTree tree = new MemoryTree();
        tree.file(tree.root, "f", 0, 0).xattr("user.large", "v".repeat(65_535));
        Path path = directory.resolve("large");
        ImageWriter.write(tree, new ImageOptions(new UUID(1, 2), "", 5, List.of()), path);
        ErofsImage image = ErofsImage.open(path);
        long nid = image.lookup(image.rootNid(), new byte[] {'f'});
        assertThat(image.xattr(nid, "user.large".getBytes(StandardCharsets.UTF_8))).hasSize(65_535);
        tree.file(tree.root, "g", 0, 0).xattr("user.large", "v".repeat(65_536));
        assertThatThrownBy(() ->
                        ImageWriter.write(
                                tree,
                                new ImageOptions(new UUID(1, 2), "", 5, List.of()),
                                directory.resolve("larger")))
                .hasMessageContaining("too long");
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> ErofsImage.of(MemorySegment.ofArray(withChecksum(bytes)), "bad"))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining(reason);
    }

    private void assertFinding(String what) {
        assertThat(findings(withChecksum(bytes)))
                .anySatisfy(finding -> assertThat(finding.what()).contains(what));
    }

    private static List<Finding> findings(byte[] image) {
        return Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> {
                    try {
                        return ImageChecker.check(
                                ErofsImage.of(MemorySegment.ofArray(image), "bad"), List.of());
                    } catch (CorruptImageException e) {
                        return List.of(new Finding(e.offsetBytes(), "", e.reason()));
                    } catch (UnsupportedImageException e) {
                        return List.of(new Finding(0, "", String.valueOf(e.getMessage())));
                    }
                });
    }

    /** Findings or none, but an answer. */
    private static void bytesSurvive(byte[] image) {
        assertThat(findings(image)).isNotNull();
    }

    private MemorySegment segment() {
        return MemorySegment.ofArray(bytes);
    }

    private static java.lang.foreign.MemoryLayout.PathElement path(String field) {
        return java.lang.foreign.MemoryLayout.PathElement.groupElement(field);
    }

    private void put(long offset, int width, long value) {
        for (int i = 0; i < width; i++) {
            bytes[(int) offset + i] = (byte) (value >>> (8 * i));
        }
    }

    private static byte[] withChecksum(byte[] image) {
        byte[] fixed = image.clone();
        MemorySegment segment = MemorySegment.ofArray(fixed);
        long end = SuperBlockChecksum.end(4096);
        long checksum = SuperBlockChecksum.of(segment.asSlice(SUPER, end - SUPER).asByteBuffer());
        LittleEndian.putU32(segment, SUPER + SuperBlockLayout.CHECKSUM, checksum);
        return fixed;
    }

    private long nid(String name) throws IOException {
        return good.lookup(good.rootNid(), name.getBytes(StandardCharsets.UTF_8));
    }

    private long inodeOffset(String name) throws IOException {
        return good.inodeOffset(nid(name));
    }

    private long direntOf(String name) throws IOException {
        DirectoryCursor cursor = good.cursor(good.rootNid());
        while (cursor.next()) {
            if (new String(cursor.name(), StandardCharsets.UTF_8).equals(name)) {
                return cursor.direntOffset();
            }
        }
        throw new AssertionError("no " + name);
    }

    private long nameOf(String name) throws IOException {
        long block = good.inodeOffset(good.rootNid()) + ExtendedInodeLayout.SIZE;
        return block + LittleEndian.u16(segment(), direntOf(name) + DirentLayout.NAMEOFF);
    }
}

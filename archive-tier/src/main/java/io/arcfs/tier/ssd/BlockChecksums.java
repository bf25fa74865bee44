package io.arcfs.tier.ssd;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.Checksums;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * CRC32C of every block of a container's SSD copy, and which objects the copy holds; kept in a file
 * beside it.
 *
 * <pre>
 * File     -> Header (block 0), Presence (whole blocks), Crcs (whole blocks)
 * Header   -> Magic "ARCF", Name "blockcrc" (12 bytes), Version u32, Volume uuid, Number u32,
 *             Sequence u32, BlockCount u32, ObjectCount u32, Crc32c u32 over the header before it
 * Presence -> one bit per object, lowest bit of the first byte first
 * Crcs     -> BlockCount * u32
 * </pre>
 *
 * Little-endian. Pages of Crcs are overwritten in place. That is safe because an entry is only
 * believed with the bytes it describes: the entry of a block of zeros is the CRC of zeros, the
 * entry of a block that was never here is its complement, which no hole can match. So a presence
 * bit that reached the disk before its object did makes a mismatch, never wrong bytes.
 *
 * <p>Any number of threads look at entries and presence bits while one changes them: who sees one
 * also sees what was written before it was set. Changes and snapshots are guarded by a monitor of
 * the {@link CacheFile} that owns it.
 */
final class BlockChecksums {
    /** CRC32C of 4096 zeros: what a hole reads as. */
    static final int ZERO_BLOCK_CRC = Checksums.crc32c(MemorySegment.ofArray(new byte[Page.BYTES]));

    /** Marks a block that is not on the SSD. */
    static final int ABSENT_CRC = ~ZERO_BLOCK_CRC;

    private static final int MAGIC = 0x4643_5241;
    private static final String NAME = "blockcrc";
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 4 + 12 + 4 + 16 + 16;

    private final int blockCount;
    private final int objectCount;
    private final AtomicIntegerArray crcs;
    private final PresenceBits present;
    private final BitSet dirtyPages;
    private boolean presenceDirty;

    private BlockChecksums(int blockCount, int objectCount, int[] crcs, PresenceBits present) {
        this.blockCount = blockCount;
        this.objectCount = objectCount;
        this.crcs = new AtomicIntegerArray(crcs);
        this.present = present;
        this.dirtyPages = new BitSet();
    }

    /** Sizes that follow from the geometry. */
    private record Shape(int blockCount, int objectCount) {
        static Shape of(Geometry geometry) {
            return new Shape(
                    Math.toIntExact(geometry.dataBytes() / Page.BYTES),
                    geometry.objectsPerContainer());
        }

        long presenceBytes() {
            return Page.roundUp((objectCount + 7) / 8);
        }

        long crcOffset() {
            return Page.BYTES + presenceBytes();
        }
    }

    /** What a new table says of its blocks. */
    enum Initially {
        /** A container opened for writing: all zeros, all here. */
        ZEROS,
        /** A container whose objects will be recalled: nothing here. */
        ABSENT
    }

    /** Makes and forces the file of a new table; an old file is replaced. */
    static BlockChecksums create(
            Path path, UUID volume, ContainerId id, Geometry geometry, Initially initially)
            throws IOException {
        return create(path, volume, id, geometry, initially, true);
    }

    /** Makes the file of a table that has nothing here, and forces nothing. */
    static BlockChecksums createUnforced(Path path, UUID volume, ContainerId id, Geometry geometry)
            throws IOException {
        return create(path, volume, id, geometry, Initially.ABSENT, false);
    }

    private static BlockChecksums create(
            Path path,
            UUID volume,
            ContainerId id,
            Geometry geometry,
            Initially initially,
            boolean forced)
            throws IOException {
        Shape shape = Shape.of(geometry);
        int[] crcs = new int[shape.blockCount];
        PresenceBits present = new PresenceBits(shape.objectCount);
        if (initially == Initially.ZEROS) {
            Arrays.fill(crcs, ZERO_BLOCK_CRC);
            present.set(0, shape.objectCount, true);
        } else {
            Arrays.fill(crcs, ABSENT_CRC);
        }
        BlockChecksums table =
                new BlockChecksums(shape.blockCount, shape.objectCount, crcs, present);
        table.dirtyPages.set(0, table.pageCount());
        table.presenceDirty = true;
        try (PosixFile file =
                PosixFile.open(path, OpenFlag.WRITE, OpenFlag.CREATE, OpenFlag.TRUNCATE)) {
            Failpoint.CACHE_CHECKSUMS_CREATED.reach();
            file.write(0, MemorySegment.ofArray(header(volume, id, shape)));
            table.takeSnapshot().writeTo(file);
            if (forced) {
                file.sync();
                Failpoint.CACHE_CHECKSUMS_SYNCED.reach();
            }
        }
        return table;
    }

    /** Loads a table; a file that is not the table of this container is an error that says so. */
    static BlockChecksums load(PosixFile file, UUID volume, ContainerId id, Geometry geometry)
            throws IOException {
        Shape shape = Shape.of(geometry);
        byte[] expected = header(volume, id, shape);
        byte[] actual = new byte[expected.length];
        readFully(file, 0, actual);
        if (!Arrays.equals(actual, expected)) {
            throw new IOException(file + ": not the block checksums of " + id);
        }
        byte[] presence = new byte[(shape.objectCount + 7) / 8];
        readFully(file, Page.BYTES, presence);
        byte[] entries = new byte[shape.blockCount * Integer.BYTES];
        readFully(file, shape.crcOffset(), entries);
        int[] crcs = new int[shape.blockCount];
        ByteBuffer.wrap(entries).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(crcs);
        return new BlockChecksums(
                shape.blockCount,
                shape.objectCount,
                crcs,
                PresenceBits.of(shape.objectCount, presence));
    }

    private static void readFully(PosixFile file, long offset, byte[] target) throws IOException {
        int got = file.read(offset, MemorySegment.ofArray(target));
        if (got < target.length) {
            throw new IOException(file + ": ends at byte " + (offset + got));
        }
    }

    private static byte[] header(UUID volume, ContainerId id, Shape shape) {
        byte[] name = new byte[12];
        byte[] ascii = NAME.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, name, 0, ascii.length);
        ByteBuffer out =
                ByteBuffer.allocate(HEADER_BYTES + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC).put(name).putInt(VERSION);
        out.order(ByteOrder.BIG_ENDIAN);
        out.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
        out.order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(id.number()).putInt(id.sequence());
        out.putInt(shape.blockCount).putInt(shape.objectCount);
        out.putInt(Checksums.crc32c(MemorySegment.ofArray(out.array()).asSlice(0, HEADER_BYTES)));
        return out.array();
    }

    int crc(int block) {
        return crcs.getAcquire(block);
    }

    void setCrcs(int firstBlock, int[] values) {
        for (int i = 0; i < values.length; i++) {
            crcs.setRelease(firstBlock + i, values[i]);
        }
        markDirty(firstBlock, values.length);
    }

    void setZero(int firstBlock, int count) {
        for (int block = firstBlock; block < firstBlock + count; block++) {
            crcs.setRelease(block, ZERO_BLOCK_CRC);
        }
        markDirty(firstBlock, count);
    }

    private void markDirty(int firstBlock, int count) {
        if (count > 0) {
            dirtyPages.set(pageOf(firstBlock), pageOf(firstBlock + count - 1) + 1);
        }
    }

    boolean isPresent(int object) {
        return present.get(object);
    }

    /** These objects are here now. */
    void setPresent(int firstObject, int objects) {
        present.set(firstObject, firstObject + objects, true);
        presenceDirty = true;
    }

    void setPresent(int object, boolean here) {
        presenceDirty |= present.get(object) != here;
        present.set(object, object + 1, here);
    }

    /** Whether these objects, both ends included, are all here. */
    boolean arePresent(int first, int last) {
        return present.areSet(first, last);
    }

    /** Whether the first {@code objects} objects are all here. */
    boolean allPresent(int objects) {
        return present.areSet(0, objects - 1);
    }

    boolean isDirty() {
        return presenceDirty || !dirtyPages.isEmpty();
    }

    private static int pageOf(int block) {
        return block / (Page.BYTES / Integer.BYTES);
    }

    private int pageCount() {
        return pageOf(blockCount - 1) + 1;
    }

    /** Copies what changed since the last snapshot, to be written without the monitor. */
    Snapshot takeSnapshot() {
        byte[] presence = null;
        if (presenceDirty) {
            presence = present.toBytes();
        }
        int entriesPerPage = Page.BYTES / Integer.BYTES;
        int[] pages = dirtyPages.stream().toArray();
        int[][] content = new int[pages.length][];
        for (int i = 0; i < pages.length; i++) {
            int from = pages[i] * entriesPerPage;
            content[i] = new int[Math.min(entriesPerPage, blockCount - from)];
            Arrays.setAll(content[i], entry -> crcs.getPlain(from + entry));
        }
        dirtyPages.clear();
        presenceDirty = false;
        long crcOffset = new Shape(blockCount, objectCount).crcOffset();
        return new Snapshot(presence, pages, content, crcOffset);
    }

    /** Marks a snapshot's pages dirty again, because it could not be written. */
    void restore(Snapshot snapshot) {
        for (int page : snapshot.pages) {
            dirtyPages.set(page);
        }
        presenceDirty |= snapshot.presence != null;
    }

    /** Changed parts of the table at one moment. Immutable. */
    static final class Snapshot {
        private final byte @Nullable [] presence;
        private final int[] pages;
        private final int[][] content;
        private final long crcOffset;

        private Snapshot(byte @Nullable [] presence, int[] pages, int[][] content, long crcOffset) {
            this.presence = presence;
            this.pages = pages;
            this.content = content;
            this.crcOffset = crcOffset;
        }

        /** Writes the entries before the presence bits; forces nothing. */
        void writeTo(PosixFile file) throws IOException {
            for (int i = 0; i < pages.length; ) {
                int end = i + 1;
                while (end < pages.length && pages[end] == pages[end - 1] + 1) {
                    end++;
                }
                writePages(file, i, end);
                i = end;
            }
            if (presence != null) {
                file.write(Page.BYTES, MemorySegment.ofArray(presence));
            }
        }

        /** Pages that lie one behind the other, in one go. */
        private void writePages(PosixFile file, int from, int to) throws IOException {
            ByteBuffer bytes =
                    ByteBuffer.allocate((to - from) * Page.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = from; i < to; i++) {
                bytes.asIntBuffer().put(content[i]);
                bytes.position(bytes.position() + content[i].length * Integer.BYTES);
            }
            file.write(
                    crcOffset + (long) pages[from] * Page.BYTES,
                    MemorySegment.ofArray(bytes.array()).asSlice(0, bytes.position()));
        }
    }
}

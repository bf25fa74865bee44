package io.arcfs.tier.head;

import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.HeadExtent.Kind;
import io.arcfs.tier.container.Checksums;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The heads of one container, packed. Written once and published whole; a change is a new file.
 *
 * <pre>
 * File   -> Header, Run^RunCount, Crc^BlockCount, Crc32c u32 over all before it,
 *           zeros up to a whole block, the blocks of the runs in their order
 * Header -> Magic "ARCF", Name "headpack" (12 bytes), Version u32, Volume uuid, Number u32,
 *           Sequence u32, Stamp u64 (ms since 1970), RunCount u32, BlockCount u32
 * Run    -> FirstBlock u32 (in the container), Blocks u32, Kind u8
 * Crc    -> u32: CRC32C of a block
 * </pre>
 *
 * Little-endian. Thread-safe but for {@link #close}, which must not run beside other calls.
 */
final class HeadFile implements AutoCloseable {
    static final int BLOCK = 4096;

    private static final byte[] ENVELOPE = envelope();
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 16 + 4 + 16 + 4 + 4 + 8 + 4 + 4;
    private static final int RUN_BYTES = 9;
    private static final int MOST_BLOCKS = 1 << 24;

    private final PosixFile file;
    private final long stamp;
    private final NavigableMap<Long, Packed> byOffset;
    private final HeadRuns runs;
    private final int[] crcs;
    private final long dataStart;

    /** A run and the index of its first block in the file. */
    private record Packed(HeadRun run, int firstIndex) {}

    private HeadFile(
            PosixFile file,
            long stamp,
            NavigableMap<Long, Packed> byOffset,
            int[] crcs,
            long dataStart) {
        this.file = file;
        this.stamp = stamp;
        this.byOffset = byOffset;
        this.runs = HeadRuns.of(byOffset.values().stream().map(Packed::run).toList());
        this.crcs = crcs;
        this.dataStart = dataStart;
    }

    private static byte[] envelope() {
        byte[] bytes = new byte[16];
        byte[] text = "ARCFheadpack".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, bytes, 0, text.length);
        return bytes;
    }

    /** A run and where its bytes come from. */
    record Content(HeadRun run, Loader loader) {}

    /** Fills the target with the checked bytes of a run, or fails. */
    @FunctionalInterface
    interface Loader {
        void load(MemorySegment target) throws IOException;
    }

    /** Makes the file of a container, durable when it returns; an older one is replaced. */
    static void write(Path path, UUID volume, ContainerId id, long stamp, List<Content> contents)
            throws IOException {
        int blocks = contents.stream().mapToInt(c -> c.run().length() / BLOCK).sum();
        byte[] indexBytes = new byte[indexBytes(contents.size(), blocks)];
        ByteBuffer index = ByteBuffer.wrap(indexBytes).order(ByteOrder.LITTLE_ENDIAN);
        index.put(ENVELOPE).putInt(VERSION);
        putUuid(index, volume);
        index.putInt(id.number()).putInt(id.sequence()).putLong(stamp);
        index.putInt(contents.size()).putInt(blocks);
        for (Content content : contents) {
            index.putInt(Math.toIntExact(content.run().offset() / BLOCK));
            index.putInt(content.run().length() / BLOCK);
            index.put((byte) content.run().kind().persistentId());
        }
        AtomicPublish.publish(path, out -> writeInto(out, indexBytes, index, contents));
    }

    /**
     * @param index a view of {@code indexBytes}, behind which the checksums go
     */
    private static void writeInto(
            PosixFile out, byte[] indexBytes, ByteBuffer index, List<Content> contents)
            throws IOException {
        int longest = contents.stream().mapToInt(c -> c.run().length()).max().orElse(BLOCK);
        long at = roundUp(index.capacity());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(longest, BLOCK);
            for (Content content : contents) {
                MemorySegment bytes = buffer.asSlice(0, content.run().length());
                content.loader().load(bytes);
                for (long block = 0; block < bytes.byteSize(); block += BLOCK) {
                    index.putInt(Checksums.crc32c(bytes.asSlice(block, BLOCK)));
                }
                out.write(at, bytes);
                at += bytes.byteSize();
            }
        }
        int covered = index.position();
        MemorySegment whole = MemorySegment.ofArray(indexBytes);
        index.putInt(Checksums.crc32c(whole.asSlice(0, covered)));
        out.write(0, whole);
    }

    private static int indexBytes(int runs, int blocks) {
        return HEADER_BYTES + RUN_BYTES * runs + Integer.BYTES * blocks + Integer.BYTES;
    }

    private static long roundUp(long bytes) {
        return (bytes + BLOCK - 1) / BLOCK * BLOCK;
    }

    private static void putUuid(ByteBuffer out, UUID uuid) {
        out.order(ByteOrder.BIG_ENDIAN);
        out.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
        out.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * @throws IOException naming what is wrong, when this is not the file of that container
     */
    static HeadFile open(Path path, UUID volume, ContainerId id) throws IOException {
        PosixFile file = PosixFile.open(path, OpenFlag.READ);
        try {
            return read(file, volume, id);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static HeadFile read(PosixFile file, UUID volume, ContainerId id) throws IOException {
        ByteBuffer header =
                ByteBuffer.wrap(readFully(file, HEADER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] envelope = new byte[16];
        header.get(envelope);
        if (!Arrays.equals(envelope, ENVELOPE)) {
            throw new IOException(file + ": not a file of heads");
        }
        int version = header.getInt();
        if (version != VERSION) {
            throw new IOException(
                    file + ": has version " + version + "; this arcfs reads version " + VERSION);
        }
        ByteBuffer uuid = header.slice(header.position(), 16).order(ByteOrder.BIG_ENDIAN);
        header.position(header.position() + 16);
        UUID found = new UUID(uuid.getLong(), uuid.getLong());
        int number = header.getInt();
        int sequence = header.getInt();
        if (!found.equals(volume) || number != id.number() || sequence != id.sequence()) {
            throw new IOException(file + ": holds the heads of another container than " + id);
        }
        long stamp = header.getLong();
        int runCount = header.getInt();
        int blockCount = header.getInt();
        if (runCount < 0 || blockCount < 0 || runCount > blockCount || blockCount > MOST_BLOCKS) {
            throw new IOException(file + ": its index is malformed");
        }
        byte[] bytes = readFully(file, indexBytes(runCount, blockCount));
        ByteBuffer index = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int covered = bytes.length - Integer.BYTES;
        if (Checksums.crc32c(MemorySegment.ofArray(bytes).asSlice(0, covered))
                != index.getInt(covered)) {
            throw new IOException(file + ": the checksum of its index does not fit");
        }
        index.position(HEADER_BYTES);
        TreeMap<Long, Packed> packed = new TreeMap<>();
        int at = 0;
        for (int i = 0; i < runCount; i++) {
            long offset = Integer.toUnsignedLong(index.getInt()) * BLOCK;
            int blocks = index.getInt();
            int kind = index.get();
            if (blocks <= 0 || blocks > blockCount - at) {
                throw new IOException(file + ": its index is malformed");
            }
            HeadRun run = new HeadRun(offset, blocks * BLOCK, kindOf(kind, file));
            packed.put(offset, new Packed(run, at));
            at += blocks;
        }
        int[] crcs = new int[blockCount];
        for (int i = 0; i < blockCount; i++) {
            crcs[i] = index.getInt();
        }
        return new HeadFile(file, stamp, packed, crcs, roundUp(index.capacity()));
    }

    private static Kind kindOf(int id, PosixFile file) throws IOException {
        try {
            return Kind.ofPersistentId(id);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": its index is malformed", e);
        }
    }

    private static byte[] readFully(PosixFile file, int length) throws IOException {
        byte[] bytes = new byte[length];
        if (file.read(0, MemorySegment.ofArray(bytes)) < length) {
            throw new IOException(file + ": ends inside its index");
        }
        return bytes;
    }

    /** When its heads first came here. */
    long stamp() {
        return stamp;
    }

    List<HeadRun> runs() {
        return runs.list();
    }

    boolean covers(long offset, long length) {
        return runs.covers(offset, length);
    }

    /** The parts of a run that are not here. */
    List<HeadRun> missing(HeadRun run) {
        return runs.missing(run);
    }

    /**
     * Reads whole blocks that are {@linkplain #covers covered}, and checks them.
     *
     * @return the run that holds a damaged block, as a list of none or one
     */
    List<HeadRun> read(long offset, MemorySegment target) throws IOException {
        List<HeadRun> damaged = new ArrayList<>(0);
        for (long done = 0; done < target.byteSize(); ) {
            Map.Entry<Long, Packed> entry = byOffset.floorEntry(offset + done);
            if (entry == null) {
                throw new IllegalArgumentException(file + ": no head at " + (offset + done));
            }
            Packed packed = entry.getValue();
            long within = offset + done - packed.run().offset();
            long count = Math.min(packed.run().length() - within, target.byteSize() - done);
            if (!read(packed, within, target.asSlice(done, count))) {
                damaged.add(packed.run());
                return damaged;
            }
            done += count;
        }
        return damaged;
    }

    private boolean read(Packed packed, long within, MemorySegment target) throws IOException {
        int index = packed.firstIndex() + Math.toIntExact(within / BLOCK);
        int got = file.read(dataStart + (long) index * BLOCK, target);
        if (got < target.byteSize()) {
            return false; // cut
        }
        ByteBuffer bytes = target.asByteBuffer();
        CRC32C crc = new CRC32C();
        for (int at = 0; at < target.byteSize(); at += BLOCK) {
            crc.reset();
            crc.update(bytes.limit(at + BLOCK).position(at));
            if ((int) crc.getValue() != crcs[index + at / BLOCK]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return file.toString();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

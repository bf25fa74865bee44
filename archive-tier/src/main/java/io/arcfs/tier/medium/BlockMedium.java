package io.arcfs.tier.medium;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.ContainerFormat;
import io.arcfs.tier.container.CorruptFooterException;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import io.arcfs.tier.medium.AlignedFile.Transfers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A cold medium on a raw block device, or on a file as large as one: a label, a table of slot
 * headers, slots of {@code containerBytes}.
 *
 * <pre>
 * block 0          label ({@link MediumLabel}), slot count u32, container bytes u64
 * block 1 + i      header of slot i ({@link SlotHeader}), or anything else: the slot is free
 * 1 MiB aligned    slot 0, slot 1, ...: containers, every offset as in the container
 * </pre>
 *
 * A container's bytes are durable before its header is written; a header is made void, durably,
 * before its slot is written again. Thread-safe.
 */
public final class BlockMedium implements Medium {
    private static final long MIB = 1 << 20;

    /** Where file systems, partition tables and LUKS keep what makes them known. */
    private static final int PROBED_BYTES = 128 << 10;

    private final AlignedFile file;
    private final Geometry geometry;
    private final UUID id;
    private final int slotCount;
    private final Map<Integer, SlotHeader> headers; // guarded by itself

    private BlockMedium(
            AlignedFile file,
            Geometry geometry,
            UUID id,
            int slotCount,
            Map<Integer, SlotHeader> headers) {
        this.file = file;
        this.geometry = geometry;
        this.id = id;
        this.slotCount = slotCount;
        this.headers = headers;
    }

    /**
     * Opens a medium.
     *
     * @param expected what the catalog knows it by; null when it is new to this volume: then an
     *     empty device is labelled, and one that holds anything else is refused
     * @param createBytes size of a regular file that does not exist yet; 0: it must exist
     */
    public static BlockMedium open(
            Path path, UUID volume, Geometry geometry, @Nullable UUID expected, long createBytes)
            throws IOException {
        return open(path, volume, geometry, expected, createBytes, Transfers.BEST);
    }

    static BlockMedium open(
            Path path,
            UUID volume,
            Geometry geometry,
            @Nullable UUID expected,
            long createBytes,
            Transfers transfers)
            throws IOException {
        if (expected == null && createBytes > 0 && !Files.exists(path)) {
            try (PosixFile made =
                    PosixFile.open(path, OpenFlag.WRITE, OpenFlag.CREATE, OpenFlag.EXCLUSIVE)) {
                Failpoint.MEDIUM_LABELLED.reach();
                made.truncate(createBytes);
                Failpoint.MEDIUM_LABELLED.reach();
                made.sync();
                Failpoint.MEDIUM_LABELLED.reach();
            }
        }
        if (Files.isDirectory(path)) {
            throw new IOException(path + ": is a directory; use dir:" + path);
        }
        AlignedFile file = AlignedFile.open(path, transfers);
        try {
            byte[] first = new byte[AlignedFile.BLOCK];
            if (file.sizeBytes() < PROBED_BYTES) {
                throw new IOException(path + ": is too small for a medium");
            }
            file.read(0, MemorySegment.ofArray(first));
            if (expected == null && isEmpty(file)) {
                first = label(path, volume, geometry, file.sizeBytes());
                file.writeBlock(0, first);
                file.sync();
                Failpoint.MEDIUM_LABELLED.reach();
            }
            return opened(path, file, volume, geometry, expected, first);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static boolean isEmpty(AlignedFile file) throws IOException {
        byte[] probe = new byte[PROBED_BYTES];
        file.read(0, MemorySegment.ofArray(probe));
        return MemorySegment.ofArray(probe).mismatch(MemorySegment.ofArray(new byte[PROBED_BYTES]))
                == -1;
    }

    private static byte[] label(Path path, UUID volume, Geometry geometry, long size)
            throws IOException {
        // Each slot needs its header and its bytes; the table ends on a whole MiB.
        long slots =
                (size - AlignedFile.BLOCK - MIB) / (geometry.containerBytes() + SlotHeader.BYTES);
        if (slots < 1) {
            throw new IOException(
                    path + ": has no room for one container of " + geometry.containerBytes());
        }
        ByteBuffer out = ByteBuffer.allocate(AlignedFile.BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new MediumLabel(volume, UUID.randomUUID()).encode());
        out.putInt((int) Math.min(slots, Integer.MAX_VALUE)).putLong(geometry.containerBytes());
        return out.array();
    }

    private static BlockMedium opened(
            Path path,
            AlignedFile file,
            UUID volume,
            Geometry geometry,
            @Nullable UUID expected,
            byte[] first)
            throws IOException {
        MediumLabel label =
                MediumLabel.decode(Arrays.copyOf(first, MediumLabel.BYTES), path.toString());
        if (!label.volume().equals(volume)) {
            throw new IOException(path + ": belongs to volume " + label.volume());
        }
        if (expected != null && !label.medium().equals(expected)) {
            throw new IOException(
                    path + ": is medium " + label.medium() + ", expected " + expected);
        }
        ByteBuffer rest = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
        int slots = rest.getInt(MediumLabel.BYTES);
        long containerBytes = rest.getLong(MediumLabel.BYTES + 4);
        if (containerBytes != geometry.containerBytes()) {
            throw new IOException(path + ": has slots of " + containerBytes + " bytes");
        }
        if (slots < 1 || slotsStart(slots) + slots * containerBytes > file.sizeBytes()) {
            throw new IOException(path + ": is shorter than its label says (" + slots + " slots)");
        }
        return new BlockMedium(file, geometry, label.medium(), slots, table(file, label, slots));
    }

    private static Map<Integer, SlotHeader> table(AlignedFile file, MediumLabel label, int slots)
            throws IOException {
        Map<Integer, SlotHeader> headers = new TreeMap<>();
        byte[] block = new byte[SlotHeader.BYTES];
        try (Arena arena = Arena.ofConfined()) {
            int atOnce = 256;
            MemorySegment blocks =
                    arena.allocate((long) atOnce * SlotHeader.BYTES, AlignedFile.BLOCK);
            for (int from = 0; from < slots; from += atOnce) {
                int count = Math.min(atOnce, slots - from);
                file.read(headerStart(from), blocks.asSlice(0, (long) count * SlotHeader.BYTES));
                for (int i = 0; i < count; i++) {
                    int slot = from + i;
                    MemorySegment.copy(
                            blocks,
                            (long) i * SlotHeader.BYTES,
                            MemorySegment.ofArray(block),
                            0,
                            SlotHeader.BYTES);
                    SlotHeader.decode(block, label.medium(), slot)
                            .ifPresent(header -> headers.put(slot, header));
                }
            }
        }
        return headers;
    }

    private static long headerStart(int slot) {
        return AlignedFile.BLOCK + (long) slot * SlotHeader.BYTES;
    }

    static long slotsStart(int slots) {
        return (headerStart(slots) + MIB - 1) / MIB * MIB;
    }

    private long slotStart(int slot) {
        return slotsStart(slotCount) + slot * geometry.containerBytes();
    }

    @Override
    public String transfers() {
        return file.how();
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public ContainerWriter begin(ContainerId container) throws IOException {
        synchronized (headers) {
            for (int slot = 0; slot < slotCount; slot++) {
                if (!headers.containsKey(slot)) {
                    // A torn write left no header, so its slot is free again.
                    return new Writer(container, slot);
                }
            }
        }
        throw new PosixException("write", Errno.ENOSPC, file.toString());
    }

    private final class Writer implements ContainerWriter {
        private final ContainerId container;
        private final int slot;
        private final SlotWriter bytes;

        Writer(ContainerId container, int slot) {
            this.container = container;
            this.slot = slot;
            this.bytes = new SlotWriter(file, slotStart(slot));
        }

        @Override
        public void write(long offsetInContainer, MemorySegment source) throws IOException {
            if (offsetInContainer + source.byteSize() > geometry.containerBytes()) {
                throw new IOException(file + ": writes behind the end of a container");
            }
            bytes.write(offsetInContainer, source);
        }

        @Override
        public String commit() throws IOException {
            List<SlotHeader.Run> runs = bytes.finish();
            file.sync();
            Failpoint.COPY_SYNCED.reach();
            synchronized (headers) {
                long commit =
                        1 + headers.values().stream().mapToLong(SlotHeader::commit).max().orElse(0);
                SlotHeader header = new SlotHeader(id, slot, container, commit, runs);
                file.writeBlock(headerStart(slot), header.encode());
                file.sync();
                Failpoint.COPY_COMMITTED.reach();
                List<Integer> older =
                        headers.values().stream()
                                .filter(h -> h.container().equals(container))
                                .map(SlotHeader::slot)
                                .toList();
                headers.put(slot, header);
                for (int old : older) {
                    makeVoid(old);
                }
            }
            return name(slot);
        }

        @Override
        public void close() {
            bytes.close();
        }
    }

    private void makeVoid(int slot) throws IOException {
        file.writeBlock(headerStart(slot), new byte[SlotHeader.BYTES]);
        file.sync();
        Failpoint.COPY_FREED.reach();
        headers.remove(slot);
    }

    private static String name(int slot) {
        return "slot" + slot;
    }

    private SlotHeader header(String place) throws IOException {
        synchronized (headers) {
            for (SlotHeader header : headers.values()) {
                if (name(header.slot()).equals(place)) {
                    return header;
                }
            }
        }
        throw new IOException(file + ": no place is called \"" + place + "\"");
    }

    @Override
    public void read(String place, long offsetInContainer, MemorySegment target)
            throws IOException {
        SlotHeader header = header(place);
        long end = offsetInContainer + target.byteSize();
        if (offsetInContainer < 0 || end > geometry.containerBytes()) {
            throw new IOException(file + ": ends at byte " + geometry.containerBytes());
        }
        long at = offsetInContainer;
        for (SlotHeader.Run run : header.written()) {
            long from = Math.max(at, run.offset());
            long to = Math.min(end, run.end());
            if (from < to) {
                target.asSlice(at - offsetInContainer, from - at).fill((byte) 0);
                file.read(
                        slotStart(header.slot()) + from,
                        target.asSlice(from - offsetInContainer, to - from));
                at = to;
            }
        }
        target.asSlice(at - offsetInContainer, end - at).fill((byte) 0);
    }

    @Override
    public Listing list() throws IOException {
        List<StoredContainer> whole = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        Map<ContainerId, SlotHeader> newest = new HashMap<>();
        synchronized (headers) {
            for (SlotHeader header : headers.values()) {
                newest.merge(header.container(), header, (a, b) -> a.commit() > b.commit() ? a : b);
            }
        }
        List<SlotHeader> inOrder =
                newest.values().stream()
                        .sorted(Comparator.comparing(SlotHeader::container))
                        .toList();
        for (SlotHeader header : inOrder) {
            try {
                whole.add(new StoredContainer(name(header.slot()), footer(header)));
            } catch (IOException e) {
                damaged.add(String.valueOf(e.getMessage()));
            }
        }
        return new Listing(List.copyOf(whole), List.copyOf(damaged));
    }

    @Override
    public Optional<StoredContainer> find(ContainerId container) throws IOException {
        Optional<SlotHeader> newest;
        synchronized (headers) {
            newest =
                    headers.values().stream()
                            .filter(header -> header.container().equals(container))
                            .max(Comparator.comparingLong(SlotHeader::commit));
        }
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new StoredContainer(name(newest.get().slot()), footer(newest.get())));
        } catch (CorruptFooterException e) {
            return Optional.empty(); // torn or damaged: it may be written anew
        }
    }

    private Footer footer(SlotHeader header) throws IOException {
        String place = name(header.slot());
        String source = file + " " + place;
        byte[] envelope = new byte[FooterReader.envelopeBytes()];
        read(place, geometry.dataBytes(), MemorySegment.ofArray(envelope));
        int length = FooterReader.length(envelope, source);
        if (length > ContainerFormat.footerRoom(geometry)) {
            throw new IOException(source + ": a footer of " + length + " bytes has no room");
        }
        byte[] bytes = new byte[length];
        read(place, geometry.dataBytes(), MemorySegment.ofArray(bytes));
        return FooterReader.decode(bytes, source);
    }

    @Override
    public void free(String place) throws IOException {
        synchronized (headers) {
            Optional<SlotHeader> found =
                    headers.values().stream().filter(h -> name(h.slot()).equals(place)).findFirst();
            if (found.isPresent()) {
                makeVoid(found.get().slot());
            }
        }
    }

    /** What is written in committed slots; their unused ends are free for nobody else, though. */
    @Override
    public long usedBytes() {
        synchronized (headers) {
            return headers.values().stream()
                    .flatMap(header -> header.written().stream())
                    .mapToLong(SlotHeader.Run::length)
                    .sum();
        }
    }

    @Override
    public long freeBytes() {
        synchronized (headers) {
            return (slotCount - headers.size()) * geometry.containerBytes();
        }
    }

    @Override
    public long position(String place) throws IOException {
        return slotStart(header(place).slot());
    }

    @Override
    public AccessCosts costs() {
        return AccessCosts.HARD_DISK;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}

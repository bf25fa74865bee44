package io.arcfs.tier.local;

import io.arcfs.device.BlockDevice;
import io.arcfs.device.WaitPoint;
import io.arcfs.posix.BufferPool;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DamagedBlockException;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.WriteRefusedException;
import io.arcfs.tier.container.FooterWriter;
import io.arcfs.tier.recall.Readahead;
import io.arcfs.tier.recall.Recaller;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The volume's device. What was never written reads as zeros: the reserved first MiB, containers
 * not in use, the unused end of a closed container. A container's metadata area reads as its footer
 * once it is closed.
 *
 * <p>Reads may begin and end anywhere; those of whole blocks into native memory are not copied.
 * Writes and discards are whole blocks inside the data area of open containers. Thread-safe.
 */
final class TierDevice implements BlockDevice {
    /** A read is served in pieces, so that it never needs more objects at once than fit easily. */
    private static final long PIECE_BYTES = 4 << 20;

    private static final int BOUNCE_BYTES = 256 << 10;

    /** Each recall brings what was missing; more only happen when eviction is as fast. */
    private static final int MOST_RECALLS = 16;

    private final Geometry geometry;
    private final SlotTable slots;
    private final Recaller recaller;
    private final UncachedReader uncached;
    private final Readahead readahead;
    private final BufferPool bounces = new BufferPool(BOUNCE_BYTES, 8);

    TierDevice(
            Geometry geometry,
            SlotTable slots,
            Recaller recaller,
            UncachedReader uncached,
            Readahead readahead) {
        this.uncached = uncached;
        this.readahead = readahead;
        this.geometry = geometry;
        this.slots = slots;
        this.recaller = recaller;
    }

    @Override
    public long sizeBytes() {
        return geometry.deviceBytes();
    }

    @Override
    public int blockSizeBytes() {
        return geometry.blockBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        long length = target.byteSize();
        requireRange(offsetBytes, length);
        long done = 0;
        while (done < length) {
            long at = offsetBytes + done;
            int container = geometry.containerOf(at);
            long end = geometry.containerStart(container) + geometry.containerBytes();
            long part = Math.min(length - done, Math.min(end - at, PIECE_BYTES));
            readPart(container, at, part == length ? target : target.asSlice(done, part));
            done += part;
        }
        slots.trim();
    }

    private void readPart(int container, long address, MemorySegment target) throws IOException {
        ContainerSlot slot = slots.get(container);
        long within = address - geometry.containerStart(container);
        long reserved = Math.max(0, Geometry.RESERVED_BYTES - address);
        if (slot == null || reserved >= target.byteSize()) {
            target.fill((byte) 0);
            return;
        }
        if (reserved > 0) {
            target.asSlice(0, reserved).fill((byte) 0);
            readPart(container, address + reserved, target.asSlice(reserved));
            return;
        }
        long used = clamp(slot.usedBlocksEnd() - within, target.byteSize());
        if (used == target.byteSize()) { // as nearly always, and then nothing is allocated
            readUsed(slot, within, target);
            return;
        }
        long data = clamp(geometry.dataBytes() - within, target.byteSize());
        if (used > 0) {
            readUsed(slot, within, target.asSlice(0, used));
        }
        target.asSlice(used, data - used).fill((byte) 0);
        if (data < target.byteSize()) {
            readMetadata(slot, within + data, target.asSlice(data));
        }
    }

    private static long clamp(long value, long most) {
        return Math.max(0, Math.min(value, most));
    }

    private void readUsed(ContainerSlot slot, long within, MemorySegment target)
            throws IOException {
        if (slot.state() == ContainerState.EVICTED) {
            long address = geometry.containerStart(slot.id().number()) + within;
            if (slot.isHead(within, target.byteSize())) {
                // Who only looks at a file must not move a medium.
                readahead.passing(address, target.byteSize());
            } else if (WaitPoint.mayRecall()) {
                readahead.reading(address, target.byteSize());
            }
        }
        long length = target.byteSize();
        int block = geometry.blockBytes();
        if (target.isNative() && within % block == 0 && length % block == 0) {
            readBlocks(slot, within, target);
            return;
        }
        MemorySegment bounce = bounces.take();
        try {
            long done = 0;
            while (done < length) {
                long at = within + done;
                long firstBlock = at / block * block;
                long part = Math.min(length - done, BOUNCE_BYTES - (at - firstBlock));
                long lastEnd = geometry.roundUpToBlock(at + part);
                readBlocks(slot, firstBlock, bounce.asSlice(0, lastEnd - firstBlock));
                MemorySegment.copy(bounce, at - firstBlock, target, done, part);
                done += part;
            }
        } finally {
            bounces.give(bounce);
        }
    }

    private void readBlocks(ContainerSlot slot, long within, MemorySegment target)
            throws IOException {
        for (int recalls = 0; ; recalls++) {
            switch (slot.tryRead(within, target)) {
                case SlotReads.Result.Done _ -> {
                    return;
                }
                case SlotReads.Result.Missing(int[] objects) -> {
                    if (recalls == MOST_RECALLS) {
                        throw new DamagedBlockException(
                                slot.id(), within, "wrong again after " + recalls + " recalls");
                    }
                    WaitPoint.recall((long) objects.length * geometry.objectBytes());
                    long start = System.nanoTime();
                    try {
                        recaller.recall(slot, objects, Priority.FOREGROUND);
                        readahead.waited(
                                geometry.containerStart(slot.id().number()) + within,
                                System.nanoTime() - start);
                    } catch (IOException e) {
                        if (!UncachedReader.isFor(e)) {
                            throw e;
                        }
                        uncached.read(slot, within, target);
                        return;
                    }
                }
            }
        }
    }

    private void readMetadata(ContainerSlot slot, long within, MemorySegment target)
            throws IOException {
        target.fill((byte) 0);
        if (slot.state() == ContainerState.OPEN) {
            return;
        }
        overlay(slot.footerBytes(), geometry.dataBytes(), within, target);
        byte[] tail = FooterWriter.encodeTail(geometry);
        overlay(tail, geometry.containerBytes() - tail.length, within, target);
    }

    /** Copies what of {@code bytes}, which lie at {@code bytesAt}, falls into the target. */
    private static void overlay(byte[] bytes, long bytesAt, long targetAt, MemorySegment target) {
        long from = Math.max(bytesAt, targetAt);
        long to = Math.min(bytesAt + bytes.length, targetAt + target.byteSize());
        if (from < to) {
            MemorySegment.copy(
                    MemorySegment.ofArray(bytes),
                    from - bytesAt,
                    target,
                    from - targetAt,
                    to - from);
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        long length = source.byteSize();
        if (length == 0) {
            return;
        }
        ContainerSlot slot = requireGranted("write", offsetBytes, length);
        slot.write(offsetBytes - geometry.containerStart(slot.id().number()), source);
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        if (lengthBytes == 0) {
            return;
        }
        ContainerSlot slot = requireGranted("discard", offsetBytes, lengthBytes);
        slot.zero(offsetBytes - geometry.containerStart(slot.id().number()), lengthBytes);
    }

    private ContainerSlot requireGranted(String what, long offset, long length)
            throws WriteRefusedException {
        requireRange(offset, length);
        int block = geometry.blockBytes();
        if (offset % block != 0 || length % block != 0) {
            throw new WriteRefusedException(
                    what + " of " + length + " bytes at " + offset + ": not whole blocks");
        }
        int container = geometry.containerOf(offset);
        ContainerSlot slot = slots.get(container);
        if (slot == null) {
            throw new WriteRefusedException(
                    what + " at " + offset + ": container " + container + " is not open");
        }
        if (offset < geometry.firstDataAddress(container)
                || offset + length > geometry.dataEnd(container)) {
            throw new WriteRefusedException(
                    what
                            + " of "
                            + length
                            + " bytes at "
                            + offset
                            + ": outside of the data area of "
                            + slot.id());
        }
        return slot;
    }

    private void requireRange(long offset, long length) {
        if (offset < 0 || offset > sizeBytes() - length) {
            throw new IndexOutOfBoundsException(
                    "outside of the device: offset " + offset + ", length " + length);
        }
    }

    @Override
    public void flush() throws IOException {
        for (ContainerSlot slot : slots.all()) {
            slot.flush();
        }
    }

    /** Closing the device means nothing; the tier owns what is behind it. */
    @Override
    public void close() {}
}

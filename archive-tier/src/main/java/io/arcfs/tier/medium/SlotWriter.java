package io.arcfs.tier.medium;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes whole, aligned blocks of what is written to a slot front to back, and notes which they are.
 * Confined to the thread that writes.
 */
final class SlotWriter implements AutoCloseable {
    private final AlignedFile file;
    private final long slotStart;
    private final MemorySegment buffer;
    private final List<SlotHeader.Run> runs = new ArrayList<>();
    private long bufferedFrom; // offset in the slot of the buffer's first byte, whole blocks
    private long filledTo; // bytes of the buffer that are set
    private boolean closed;

    SlotWriter(AlignedFile file, long slotStart) {
        this.file = file;
        this.slotStart = slotStart;
        this.buffer = file.takeBuffer();
    }

    void write(long offset, MemorySegment source) throws IOException {
        if (offset < bufferedFrom + filledTo) {
            throw new IllegalArgumentException(
                    "offset " + offset + " is behind " + (bufferedFrom + filledTo));
        }
        skipTo(offset);
        for (long done = 0; done < source.byteSize(); ) {
            long part = Math.min(source.byteSize() - done, buffer.byteSize() - filledTo);
            MemorySegment.copy(source, done, buffer, filledTo, part);
            filledTo += part;
            done += part;
            if (filledTo == buffer.byteSize()) {
                flush();
            }
        }
    }

    /** Zeros up to there: written when near or when there are many gaps, else left out. */
    private void skipTo(long offset) throws IOException {
        long gapEnd = offset / AlignedFile.BLOCK * AlignedFile.BLOCK;
        long here = roundUp(bufferedFrom + filledTo);
        if (gapEnd > here && runs.size() < SlotHeader.MOST_RUNS - 2) {
            flush();
            bufferedFrom = gapEnd;
        }
        while (bufferedFrom + filledTo < offset) {
            long part = Math.min(offset - bufferedFrom - filledTo, buffer.byteSize() - filledTo);
            buffer.asSlice(filledTo, part).fill((byte) 0);
            filledTo += part;
            if (filledTo == buffer.byteSize()) {
                flush();
            }
        }
    }

    /** Writes what is buffered, the last block filled up with zeros. */
    private void flush() throws IOException {
        if (filledTo == 0) {
            return;
        }
        long length = roundUp(filledTo);
        buffer.asSlice(filledTo, length - filledTo).fill((byte) 0);
        file.write(slotStart + bufferedFrom, buffer.asSlice(0, length));
        SlotHeader.Run last = runs.isEmpty() ? null : runs.getLast();
        if (last != null && last.end() == bufferedFrom) {
            runs.set(runs.size() - 1, new SlotHeader.Run(last.offset(), last.length() + length));
        } else {
            runs.add(new SlotHeader.Run(bufferedFrom, length));
        }
        bufferedFrom += length;
        filledTo = 0;
    }

    private static long roundUp(long bytes) {
        return (bytes + AlignedFile.BLOCK - 1) / AlignedFile.BLOCK * AlignedFile.BLOCK;
    }

    /** Writes the rest; returns where there are bytes. */
    List<SlotHeader.Run> finish() throws IOException {
        flush();
        return List.copyOf(runs);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            file.giveBuffer(buffer);
        }
    }
}

package io.arcfs.overlay.data;

import io.arcfs.overlay.catalog.InodeRecord.Run;
import io.arcfs.tier.DeviceExtent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of a regular file are: archived runs, and from {@code appendStart} on one append
 * file. What neither covers is a hole. Immutable: appends grow the append file, not this.
 *
 * @param runs in ascending file order, all before {@code appendStart} if there is an append file
 */
public record FileData(List<Run> runs, @Nullable AppendFile appendFile, long appendStart) {
    public static final FileData EMPTY = new FileData(List.of(), null, 0);

    /** A piece of a file from one source. */
    public sealed interface Source {
        /** Bytes of the device. */
        record Archived(long address) implements Source {}

        /** Bytes of the append file, at the file's own offsets. */
        record Upper(AppendFile file) implements Source {}

        /** Zeros. */
        record Hole() implements Source {}
    }

    private static final Source HOLE = new Source.Hole();
    private static final long HOLE_ADDRESS = -1;

    /**
     * Reads {@code target.byteSize()} bytes, all of which lie inside the file. The caller has
     * retained the append file. Allocates nothing if they come from one source.
     */
    public void read(long offset, MemorySegment target, DeviceReader device) throws IOException {
        long end = offset + target.byteSize();
        for (long position = offset; position < end; ) {
            long pieceEnd = Math.min(end, pieceEnd(position));
            MemorySegment piece =
                    pieceEnd - position == target.byteSize()
                            ? target
                            : target.asSlice(position - offset, pieceEnd - position);
            AppendFile file = appendFile;
            if (file != null && position >= appendStart) {
                file.read(position, piece);
            } else {
                long address = archivedAddress(position);
                if (address == HOLE_ADDRESS) {
                    piece.fill((byte) 0);
                } else {
                    device.read(address, piece);
                }
            }
            position = pieceEnd;
        }
    }

    /** Where the device has the byte at {@code position}, or {@link #HOLE_ADDRESS}. */
    private long archivedAddress(long position) {
        int i = lastRunAtOrBefore(position);
        if (i >= 0) {
            Run run = runs.get(i);
            long into = position - run.fileOffset();
            if (into < run.extent().lengthBytes()) {
                return run.extent().address() + into;
            }
        }
        return HOLE_ADDRESS;
    }

    /** The one source of the byte at {@code position}. */
    public Source source(long position) {
        if (appendFile != null && position >= appendStart) {
            return new Source.Upper(appendFile);
        }
        long address = archivedAddress(position);
        return address == HOLE_ADDRESS ? HOLE : new Source.Archived(address);
    }

    /** Where the source of the byte at {@code position} ends. */
    public long pieceEnd(long position) {
        if (appendFile != null && position >= appendStart) {
            return Long.MAX_VALUE;
        }
        int i = lastRunAtOrBefore(position);
        if (i >= 0) {
            long runEnd = runs.get(i).fileOffset() + runs.get(i).extent().lengthBytes();
            if (position < runEnd) {
                return runEnd;
            }
        }
        if (i + 1 < runs.size()) {
            return runs.get(i + 1).fileOffset();
        }
        return appendFile == null ? Long.MAX_VALUE : appendStart;
    }

    private int lastRunAtOrBefore(long position) {
        int low = 0;
        int high = runs.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (runs.get(middle).fileOffset() <= position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** Device ranges of the archived bytes. */
    public List<DeviceExtent> extents() {
        List<DeviceExtent> extents = new ArrayList<>(runs.size());
        runs.forEach(run -> extents.add(run.extent()));
        return extents;
    }
}

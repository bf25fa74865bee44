package io.arcfs.tier.local;

import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DamagedBlockException;
import io.arcfs.tier.ssd.CacheFile;
import io.arcfs.tier.ssd.ChecksumRepair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a container from the SSD: from its cache file, and where that has nothing, from the heads
 * that were kept of it. No byte leaves that does not fit its checksum. Thread-safe.
 */
final class SlotReads {
    private static final Logger LOG = LoggerFactory.getLogger(SlotReads.class);
    private static final int[] NONE = {};

    private final SlotState state;

    SlotReads(SlotState state) {
        this.state = state;
    }

    /** What a try to read from the SSD came to. */
    sealed interface Result {
        Result DONE = new Done();

        record Done() implements Result {}

        /** These objects must be recalled first. */
        record Missing(int[] objects) implements Result {}
    }

    /** Reads whole blocks of the used area if every one of them is here. */
    Result tryRead(long within, MemorySegment target) throws IOException {
        state.used();
        CacheFile here = state.lockLoaded();
        try {
            int[] absent = absentObjects(here, within, target.byteSize());
            if (absent.length > 0) {
                return readWithHeads(here, within, target, absent);
            }
            if (here == null) {
                throw state.lostException();
            }
            return readHere(here, within, target);
        } finally {
            state.life.readLock().unlock();
        }
    }

    private Result readHere(CacheFile here, long within, MemorySegment target) throws IOException {
        long damagedAt = readChecked(here, within, target);
        if (damagedAt < 0) {
            return Result.DONE;
        }
        if (!state.onMedia()) {
            throw damaged(damagedAt);
        }
        LOG.warn("{}: block at {} is damaged on the SSD, recalling it", state.id, damagedAt);
        int object = state.objectAt(damagedAt);
        here.forget(object);
        return new Result.Missing(new int[] {object});
    }

    /** Object by object, each from where it is. */
    private Result readWithHeads(
            @Nullable CacheFile here, long within, MemorySegment target, int[] absent)
            throws IOException {
        int[] missing = Arrays.stream(absent).filter(o -> !headsCover(o, within, target)).toArray();
        if (missing.length > 0) {
            return new Result.Missing(missing);
        }
        long objectBytes = state.context.geometry().objectBytes();
        for (long done = 0; done < target.byteSize(); ) {
            int object = state.objectAt(within + done);
            long end = Math.min((object + 1) * objectBytes, within + target.byteSize());
            MemorySegment part = target.asSlice(done, end - within - done);
            if (Arrays.binarySearch(absent, object) >= 0) {
                if (!state.context.heads().read(state.id, within + done, part)) {
                    return new Result.Missing(new int[] {object});
                }
            } else if (here == null) {
                throw state.lostException();
            } else if (readHere(here, within + done, part) instanceof Result.Missing again) {
                return again;
            }
            done = end - within;
        }
        return Result.DONE;
    }

    private boolean headsCover(int object, long within, MemorySegment target) {
        long objectBytes = state.context.geometry().objectBytes();
        long from = Math.max(object * objectBytes, within);
        long to = Math.min((object + 1) * objectBytes, within + target.byteSize());
        return headsHold(from, to - from);
    }

    /** Whether the heads that were kept hold this range, whatever its ends. */
    boolean isHead(long within, long length) {
        int block = state.context.geometry().blockBytes();
        long from = within / block * block;
        return headsHold(from, state.context.geometry().roundUpToBlock(within + length) - from);
    }

    private boolean headsHold(long within, long length) {
        try {
            return state.context.heads().covers(state.id, within, length);
        } catch (IOException e) {
            LOG.warn("{}: its heads cannot be used: {}", state.id, e.getMessage());
            return false;
        }
    }

    private DamagedBlockException damaged(long within) {
        state.context
                .problems()
                .set(state.id + " damaged", state.id + ": a block on the SSD is damaged");
        return new DamagedBlockException(
                state.id, within, "its checksum does not fit, and it is on no medium yet");
    }

    /**
     * Reads blocks; where a block does not fit its own checksum but its whole object fits the
     * footer, it was the block's checksum that was damaged, and is made good.
     *
     * @return offset of the first damaged block, or -1
     */
    private long readChecked(CacheFile here, long within, MemorySegment target) throws IOException {
        while (true) {
            long damagedAt = here.read(within, target);
            if (damagedAt < 0
                    || state.state() == ContainerState.OPEN
                    || !ChecksumRepair.repair(here, state.objects(), state.objectAt(damagedAt))) {
                return damagedAt;
            }
            LOG.warn("{}: block checksums at {} were damaged, made anew", state.id, damagedAt);
        }
    }

    /** Objects of the range that are not on the SSD, ascending; none while nothing is on media. */
    private int[] absentObjects(@Nullable CacheFile here, long within, long length) {
        if (!state.onMedia() || length == 0) {
            return NONE;
        }
        int first = state.objectAt(within);
        int last = state.objectAt(within + length - 1);
        if (here != null && here.arePresent(first, last)) {
            return NONE;
        }
        return IntStream.rangeClosed(first, last)
                .filter(object -> here == null || !here.isPresent(object))
                .toArray();
    }

    /** Which of these objects a recall would have to bring. */
    int[] missing(int[] wanted) throws IOException {
        CacheFile here = state.lockLoaded();
        try {
            return state.onMedia()
                    ? Arrays.stream(wanted)
                            .filter(object -> here == null || !here.isPresent(object))
                            .toArray()
                    : NONE;
        } finally {
            state.life.readLock().unlock();
        }
    }

    /** Whether a read of these whole blocks needs no recall. */
    boolean isHere(long within, long length) throws IOException {
        CacheFile here = state.lockLoaded();
        try {
            for (int object : absentObjects(here, within, length)) {
                long objectBytes = state.context.geometry().objectBytes();
                long from = Math.max(object * objectBytes, within);
                long to = Math.min((object + 1) * objectBytes, within + length);
                if (!headsHold(from, to - from)) {
                    return false;
                }
            }
            return true;
        } finally {
            state.life.readLock().unlock();
        }
    }

    /** Reads a range of a container that is not on media, for close and destage. */
    void readStaged(long within, MemorySegment target) throws IOException {
        CacheFile here = state.lockLoaded();
        try {
            if (here == null) {
                throw state.lostException();
            }
            long damagedAt = readChecked(here, within, target);
            if (damagedAt >= 0) {
                throw damaged(damagedAt);
            }
        } finally {
            state.life.readLock().unlock();
        }
    }
}

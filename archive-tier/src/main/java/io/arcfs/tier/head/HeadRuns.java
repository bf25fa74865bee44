package io.arcfs.tier.head;

import io.arcfs.tier.HeadExtent.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Heads of one container, none over another. Guarded by the {@link HeadCache}.
 *
 * <pre>
 * Bytes -> Count u32, Run^Count      Run -> Offset u64, Length u32, Kind u8      (big-endian)
 * </pre>
 */
final class HeadRuns {
    private static final int RUN_BYTES = 8 + 4 + 1;

    private final TreeMap<Long, HeadRun> byOffset = new TreeMap<>();

    static HeadRuns of(Collection<HeadRun> runs) {
        HeadRuns made = new HeadRuns();
        runs.forEach(made::add);
        return made;
    }

    List<HeadRun> list() {
        return List.copyOf(byOffset.values());
    }

    boolean isEmpty() {
        return byOffset.isEmpty();
    }

    /** Adds what of the run is not here yet. */
    void add(HeadRun run) {
        for (HeadRun part : missing(run)) {
            byOffset.put(part.offset(), part);
        }
    }

    void remove(HeadRun run) {
        byOffset.remove(run.offset(), run);
    }

    /** The parts of a run that no run here covers. */
    List<HeadRun> missing(HeadRun run) {
        List<HeadRun> parts = new ArrayList<>();
        long at = run.offset();
        while (at < run.end()) {
            Map.Entry<Long, HeadRun> before = byOffset.floorEntry(at);
            if (before != null && before.getValue().end() > at) {
                at = before.getValue().end();
                continue;
            }
            Long next = byOffset.higherKey(at);
            long end = next == null ? run.end() : Math.min(next, run.end());
            parts.add(run.part(at, end));
            at = end;
        }
        return parts;
    }

    /** Whether every byte of a range is in a run. */
    boolean covers(long offset, long length) {
        long at = offset;
        while (at < offset + length) {
            Map.Entry<Long, HeadRun> run = byOffset.floorEntry(at);
            if (run == null || run.getValue().end() <= at) {
                return false;
            }
            at = run.getValue().end();
        }
        return true;
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(4 + RUN_BYTES * byOffset.size());
        out.putInt(byOffset.size());
        for (HeadRun run : byOffset.values()) {
            out.putLong(run.offset()).putInt(run.length()).put((byte) run.kind().persistentId());
        }
        return out.array();
    }

    /**
     * @throws IllegalArgumentException if the bytes are not such a list
     */
    static HeadRuns decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int count = bytes.length < 4 ? -1 : in.getInt();
        if (count < 0 || (long) count * RUN_BYTES != in.remaining()) {
            throw new IllegalArgumentException("a list of heads is malformed");
        }
        HeadRuns runs = new HeadRuns();
        for (int i = 0; i < count; i++) {
            long offset = in.getLong();
            int length = in.getInt();
            runs.add(new HeadRun(offset, length, Kind.ofPersistentId(in.get())));
        }
        return runs;
    }
}

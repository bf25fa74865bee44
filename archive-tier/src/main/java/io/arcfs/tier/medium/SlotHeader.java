package io.arcfs.tier.medium;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.container.Checksums;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What the table of a {@code block:} medium says of one of its slots. Immutable.
 *
 * <pre>
 * Header -> Magic "ARCF", Name "slot" (12 bytes, zero-filled), Version u32 (1), Medium uuid,
 *           Slot u32, Number u32, Sequence u32, Commit u64, RunCount u32,
 *           (Offset u64, Length u64)^RunCount, zeros, Crc32c u32 in the last 4 bytes of the block
 * </pre>
 *
 * Little-endian. A block that is not such a header says that the slot is free.
 *
 * @param commit counts the containers written to the medium: of two copies the higher one counts
 * @param written runs of the slot that hold bytes, in order, whole blocks; the rest reads as zeros
 */
record SlotHeader(UUID medium, int slot, ContainerId container, long commit, List<Run> written) {
    static final int BYTES = 4096;
    static final int MOST_RUNS = 200;

    private static final byte[] ENVELOPE = envelope();

    /** Bytes of a slot from its start. */
    record Run(long offset, long length) {
        long end() {
            return offset + length;
        }
    }

    private static byte[] envelope() {
        byte[] envelope = new byte[20];
        byte[] text = "ARCFslot".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, envelope, 0, text.length);
        envelope[16] = 1;
        return envelope;
    }

    byte[] encode() {
        byte[] bytes = new byte[BYTES];
        ByteBuffer out = ByteBuffer.wrap(bytes).put(ENVELOPE);
        out.putLong(medium.getMostSignificantBits()).putLong(medium.getLeastSignificantBits());
        out.order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(slot).putInt(container.number()).putInt(container.sequence()).putLong(commit);
        out.putInt(written.size());
        written.forEach(run -> out.putLong(run.offset).putLong(run.length));
        out.putInt(BYTES - 4, crc(bytes));
        return bytes;
    }

    /** The header, unless the block is none of this medium's. */
    static Optional<SlotHeader> decode(byte[] bytes, UUID medium, int slot) {
        if (!Arrays.equals(bytes, 0, ENVELOPE.length, ENVELOPE, 0, ENVELOPE.length)) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).position(ENVELOPE.length);
        UUID owner = new UUID(in.getLong(), in.getLong());
        in.order(ByteOrder.LITTLE_ENDIAN);
        int number = in.getInt();
        if (in.getInt(BYTES - 4) != crc(bytes) || !owner.equals(medium) || number != slot) {
            return Optional.empty();
        }
        ContainerId container = new ContainerId(in.getInt(), in.getInt());
        long commit = in.getLong();
        int count = in.getInt();
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < Math.min(count, MOST_RUNS); i++) {
            runs.add(new Run(in.getLong(), in.getLong()));
        }
        return Optional.of(new SlotHeader(medium, slot, container, commit, List.copyOf(runs)));
    }

    private static int crc(byte[] bytes) {
        return Checksums.crc32c(MemorySegment.ofArray(bytes).asSlice(0, BYTES - 4));
    }
}

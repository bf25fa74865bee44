package io.arcfs.tier.ssd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C of the blocks of what a thread has read. CRC32C takes a ByteBuffer, which the last segment
 * keeps: whoever reads into one buffer again and again allocates nothing. Confined to its thread.
 */
final class BlockCrc {
    private static final ThreadLocal<BlockCrc> OF_THREAD = ThreadLocal.withInitial(BlockCrc::new);

    private final CRC32C crc = new CRC32C();
    private MemorySegment segment = MemorySegment.NULL;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    private BlockCrc() {}

    /** Valid until the thread's next call. */
    static BlockCrc over(MemorySegment bytes) {
        BlockCrc ofThread = OF_THREAD.get();
        ofThread.take(bytes);
        return ofThread;
    }

    private void take(MemorySegment wanted) {
        if (!isKept(wanted)) {
            bytes = wanted.asByteBuffer();
            // The heap's own would be kept alive.
            segment = wanted.isNative() ? wanted : MemorySegment.NULL;
        }
    }

    /**
     * Equal segments begin at the same byte, and no more: the end and what frees them may differ.
     */
    private boolean isKept(MemorySegment wanted) {
        return segment.equals(wanted)
                && segment.byteSize() == wanted.byteSize()
                && segment.scope().equals(wanted.scope());
    }

    /** Of the block that begins there. */
    int ofBlock(int at) {
        crc.reset();
        crc.update(bytes.limit(at + Page.BYTES).position(at));
        return (int) crc.getValue();
    }
}

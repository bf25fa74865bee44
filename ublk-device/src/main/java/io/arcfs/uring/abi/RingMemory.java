package io.arcfs.uring.abi;

import java.lang.foreign.MemorySegment;

/**
 * A set-up ring: its descriptor, and the words and arrays it shares with the kernel.
 *
 * @param sqHead one int, the kernel writes it
 * @param sqTail one int, we write it
 * @param sqFlags one int, the kernel writes it
 * @param sqArray an int per SQ entry: which SQE stands there
 * @param cqHead one int, we write it
 * @param cqTail one int, the kernel writes it
 * @param cqOverflow one int, the kernel counts lost completions in it
 * @param handle {@code struct io_uring} of liburing, or what {@link DirectCalls} unmaps
 */
public record RingMemory(
        int descriptor,
        int features,
        int sqEntries,
        int cqEntries,
        MemorySegment sqHead,
        MemorySegment sqTail,
        MemorySegment sqFlags,
        MemorySegment sqArray,
        MemorySegment sqes,
        MemorySegment cqHead,
        MemorySegment cqTail,
        MemorySegment cqOverflow,
        MemorySegment cqes,
        Handle handle) {
    /** What is needed to give the ring back. */
    public sealed interface Handle {
        /** Three mappings; {@code cqRing} is the same as {@code sqRing} where one serves both. */
        record Mappings(MemorySegment sqRing, MemorySegment cqRing, MemorySegment sqes)
                implements Handle {}

        /** {@code struct io_uring}. */
        record LibUringRing(MemorySegment struct) implements Handle {}
    }
}

package io.arcfs.tier.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.container.Checksums;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BlockCrcTest {
    @Test
    void longerAndShorterPartsThatBeginAtTheSameByteAreToldApart() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(64 * Page.BYTES, Page.BYTES);
            byte[] content = new byte[(int) buffer.byteSize()];
            new Random(3).nextBytes(content);
            buffer.copyFrom(MemorySegment.ofArray(content));
            for (int blocks : new int[] {1, 32, 1, 64, 2, 64}) {
                isRight(buffer.asSlice(0, (long) blocks * Page.BYTES));
            }
        }
    }

    @Test
    @SuppressWarnings("restricted") // gives one place in memory to several arenas
    void memoryThatWasFreedAndComesAgainAtTheSameAddressIsAnother() {
        MemorySegment place = Arena.global().allocate(2 * Page.BYTES, Page.BYTES);
        for (int life = 0; life < 3; life++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer =
                        MemorySegment.ofAddress(place.address())
                                .reinterpret(place.byteSize(), arena, null);
                buffer.fill((byte) (life + 1));
                isRight(buffer);
            }
        }
    }

    @Test
    void bytesOfTheHeap() {
        for (int i = 0; i < 3; i++) {
            byte[] bytes = new byte[3 * Page.BYTES];
            new Random(i).nextBytes(bytes);
            isRight(MemorySegment.ofArray(bytes));
            isRight(MemorySegment.ofArray(bytes).asSlice(Page.BYTES));
        }
    }

    private static void isRight(MemorySegment bytes) {
        int[] expected = Checksums.crc32cOfBlocks(bytes, Page.BYTES);
        BlockCrc crc = BlockCrc.over(bytes);
        for (int i = 0; i < expected.length; i++) {
            assertThat(crc.ofBlock(i * Page.BYTES)).as("block %d", i).isEqualTo(expected[i]);
        }
    }
}

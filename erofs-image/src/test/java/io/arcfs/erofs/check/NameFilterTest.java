package io.arcfs.erofs.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.Corpus;
import io.arcfs.erofs.ErofsImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NameFilterTest {
    /** Published vectors of xxHash: empty, short, and longer than a stripe. */
    @Test
    void hashIsXxh32() {
        assertThat(hash("", 0)).isEqualTo(0x02CC5D05);
        assertThat(hash("a", 0)).isEqualTo(0x550D7456);
        assertThat(hash("abc", 0)).isEqualTo(0x32D153FF);
        assertThat(hash("Nobody inspects the spammish repetition", 0)).isEqualTo(0xE2293B2F);
    }

    /** Images of mkfs.erofs with filters, of which the checker finds none wrong. */
    @Test
    void corpusHasFilters() throws IOException {
        int used = 0;
        for (String vector : Corpus.singleImages()) {
            ErofsImage image = Corpus.image(vector, 0);
            used += NameFilter.isUsed(image) ? 1 : 0;
        }
        assertThat(used).isPositive();
    }

    private static int hash(String text, int seed) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return NameFilter.xxh32(bytes, 0, bytes.length, seed);
    }
}

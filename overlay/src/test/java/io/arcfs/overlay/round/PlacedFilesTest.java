package io.arcfs.overlay.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.erofs.ChunkList;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PlacedFilesTest {
    private final PlacedFiles files = new PlacedFiles();

    @Test
    void filesAreFoundByTheirNumbersInWhateverOrderTheyArePlaced() {
        for (long inode = 2; inode < 2000; inode += 3) {
            files.announce(inode);
        }
        for (int i = files.count() - 1; i >= 0; i--) {
            files.put(files.inode(i), placed(files.inode(i)));
        }
        for (long inode = 0; inode < 2000; inode++) {
            if (inode % 3 == 2) {
                ChunkList chunks = Objects.requireNonNull(files.get(inode));
                assertThat(chunks.blocks()).containsExactly(inode, ChunkList.HOLE);
            } else {
                assertThat(files.get(inode)).isNull();
            }
        }
    }

    @Test
    void whatWasNotPlacedIsNotThere() {
        files.announce(7);
        assertThat(files.get(7)).isNull();
        files.announce(9);
        files.put(9, placed(9));
        assertThat(files.get(7)).isNull();
        assertThatThrownBy(() -> files.put(8, placed(8))).hasMessageContaining("not announced");
    }

    @Test
    void numbersHave32BitsWithoutASign() {
        files.announce(0x7FFF_FFFFL);
        files.announce(0xFFFF_FFFEL);
        files.put(0xFFFF_FFFEL, placed(5));
        assertThat(files.inode(1)).isEqualTo(0xFFFF_FFFEL);
        assertThat(files.get(0xFFFF_FFFEL)).isNotNull();
        assertThatThrownBy(() -> files.announce(3)).hasMessageContaining("order");
    }

    private static ChunkList placed(long block) {
        return new ChunkList(22, 1, new long[] {block, ChunkList.HOLE});
    }
}

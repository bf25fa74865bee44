package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.OpenMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that grow over many rounds. */
@Timeout(120)
final class GrowingFileTest {
    private static final long APPARENT_BYTES = 20L << 30;

    @TempDir Path directory;

    private record Piece(long offset, byte[] bytes) {}

    @Test
    void aFileOfTwentyGigabytesWithHolesReadsBackAfterManyRounds() throws Exception {
        Random random = new Random(5);
        List<Piece> pieces = new ArrayList<>();
        try (Volume volume = Volume.in(directory)) {
            volume.create("/big", "");
            long end = 0;
            int rounds = 0;
            while (end < APPARENT_BYTES) {
                OpenFile file = volume.open("/big", OpenMode.READ_WRITE);
                for (int i = 0; i < 3; i++) {
                    byte[] bytes = new byte[1 + random.nextInt(150_000)];
                    random.nextBytes(bytes);
                    Volume.write(file, end, bytes);
                    pieces.add(new Piece(end, bytes));
                    end +=
                            bytes.length
                                    + (i == 2
                                            ? (APPARENT_BYTES >> 4) + 12_345
                                            : random.nextInt(5000));
                }
                file.release();
                volume.archive();
                if (++rounds % 5 == 0) {
                    volume.mergeAll();
                    volume.reopen();
                }
                check(volume, pieces);
            }
            assertThat(rounds).isGreaterThan(12);
            volume.mergeAll();
            check(volume, pieces);
        }
    }

    private static void check(Volume volume, List<Piece> pieces) throws IOException {
        OpenFile file = volume.open("/big", OpenMode.READ);
        long end = 0;
        for (Piece piece : pieces) {
            if (piece.offset() > end) {
                int hole = (int) Math.min(1 << 16, piece.offset() - end);
                assertThat(Volume.read(file, piece.offset() - hole, hole)).containsOnly(0);
            }
            assertThat(Volume.read(file, piece.offset(), piece.bytes().length))
                    .as("at %d", piece.offset())
                    .isEqualTo(piece.bytes());
            end = piece.offset() + piece.bytes().length;
        }
        assertThat(file.attributes().size()).isEqualTo(end);
        file.release();
    }

    @Test
    void appendsNeverCopyWhatIsArchived() throws Exception {
        byte[] chunk = new byte[FileTier.TINY.chunkBytes()];
        new Random(1).nextBytes(chunk);
        try (Volume volume = Volume.in(directory)) {
            volume.create("/log", "");
            for (int i = 0; i < 10; i++) {
                volume.append("/log", chunk);
            }
            volume.archive();
            volume.tier().media(FileTier.Media.OFFLINE);
            for (int i = 0; i < 5; i++) {
                volume.append("/log", chunk);
                volume.archive();
            }
            assertThat(volume.tier().recalls()).isZero();
            assertThat(
                            volume.overlay().status().layers().stream()
                                    .filter(layer -> layer.state().equals("ARCHIVED"))
                                    .mapToLong(OverlayStatus.Layer::dataBytes)
                                    .sum())
                    .isEqualTo(15L * chunk.length);
        }
    }
}

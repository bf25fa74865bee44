package io.arcfs.erofs.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.Corpus;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Listing;
import io.arcfs.erofs.kernel.InMemory;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layer stacks of the corpus merge into what kernel overlayfs showed of them. */
class VectorMergeTest {
    @TempDir(factory = InMemory.class)
    Path directory;

    @ParameterizedTest
    @CsvSource({"layers-basic,4", "layers-upstream-bugs,3"})
    void mergedImageEqualsOverlayfs(String vector, int count) throws IOException {
        List<ErofsImage> layers = new ArrayList<>();
        List<byte[]> blobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ErofsImage image = Corpus.image(vector, i);
            assertThat(withoutLinkCounts(Listing.of(image, Corpus.devices(Corpus.blob(vector, i)))))
                    .containsExactlyEntriesOf(
                            withoutLinkCounts(
                                    Corpus.expected(
                                            vector + "/expected.layer%02d.json".formatted(i))));
            layers.add(image);
            blobs.addAll(Corpus.blob(vector, i));
        }
        MergedTree merged = MergedTree.of(layers, MergeMode.BOTTOM);
        assertThat(merged.deviceSlots()).hasSize(count);
        Path file = directory.resolve("merged");
        ImageWriter.write(
                merged, new ImageOptions(new UUID(1, 2), "", 0, merged.deviceSlots()), file);

        Map<String, String> listing = Listing.of(ErofsImage.open(file), Corpus.devices(blobs));
        assertThat(withoutLinkCounts(listing))
                .containsExactlyEntriesOf(
                        withoutLinkCounts(Corpus.expected(vector + "/expected.merged.json")));
    }

    /** Those of an overlay are the layers' own and count hidden names. */
    private static Map<String, String> withoutLinkCounts(Map<String, String> listing) {
        Map<String, String> without = new TreeMap<>();
        listing.forEach((path, words) -> without.put(path, words.replaceAll(" nlink=[0-9]+", "")));
        return without;
    }
}

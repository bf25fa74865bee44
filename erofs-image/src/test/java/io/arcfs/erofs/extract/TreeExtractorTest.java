package io.arcfs.erofs.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.erofs.Corpus;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeExtractorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "basic-chunk4m-blob",
                "basic-plain-inline",
                "basic-48bit-dotomitted",
                "dirs-chunk4m-blob"
            })
    void sinkGetsWhatTheKernelShows(String vector) throws IOException {
        ErofsImage image = Corpus.image(vector, 0);
        RecordingSink sink = new RecordingSink();

        Extracted extracted =
                TreeExtractor.extract(
                        image,
                        image.rootNid(),
                        Corpus.devices(Corpus.blob(vector, 0)),
                        sink,
                        ExtractLimits.NONE);

        Map<String, String> expected = new TreeMap<>();
        Corpus.expected(vector + "/expected.json")
                .forEach((path, line) -> expected.put(path, line.replaceAll(" nlink=\\d+", "")));
        assertThat(sink.seen()).containsExactlyEntriesOf(expected);
        assertThat(extracted.names()).isEqualTo(expected.size());
        assertThat(extracted.unreadable()).isZero();
        assertThat(sink.depth()).isZero();
    }

    @Test
    void hardLinksNameTheFirstPath() throws IOException {
        ErofsImage image = Corpus.image("basic-chunk4m-blob", 0);
        RecordingSink sink = new RecordingSink();
        TreeExtractor.extract(
                image,
                image.rootNid(),
                Corpus.devices(Corpus.blob("basic-chunk4m-blob", 0)),
                sink,
                ExtractLimits.NONE);

        assertThat(sink.links())
                .containsEntry("/h/s2", "/h/s1")
                .containsEntry("/h/sub/three", "/h/one")
                .containsEntry("/h/two", "/h/one");
    }

    @Test
    void directoryThatHoldsItselfIsLeftOut() throws IOException {
        byte[] bytes = Corpus.bytes("basic-chunk4m-blob/meta.00");
        // The case "dir-loop" of the corpus: the first name of /order is /order itself.
        MemorySegment patched = MemorySegment.ofArray(bytes);
        for (var one : Corpus.json("corrupt/cases.json")) {
            if (one.get("name").asText().equals("dir-loop")) {
                for (var patch : one.get("patches")) {
                    byte[] hex = HexFormat.of().parseHex(patch.get("hex").asText());
                    patched.asSlice(patch.get("off").asLong()).copyFrom(MemorySegment.ofArray(hex));
                }
            }
        }
        ErofsImage image = ErofsImage.of(patched, "loop");
        RecordingSink sink = new RecordingSink();

        Extracted extracted =
                TreeExtractor.extract(
                        image,
                        image.rootNid(),
                        Corpus.devices(Corpus.blob("basic-chunk4m-blob", 0)),
                        sink,
                        ExtractLimits.NONE);

        assertThat(extracted.unreadable()).isEqualTo(1);
        assertThat(sink.failures()).singleElement().asString().contains("reached twice");
    }

    @Test
    void limitsEndTheExtraction() throws IOException {
        ErofsImage image = Corpus.image("basic-chunk4m-blob", 0);
        for (ExtractLimits limits :
                List.of(new ExtractLimits(5, 1 << 30), new ExtractLimits(1000, 10_000))) {
            assertThatThrownBy(() ->
                            TreeExtractor.extract(
                                    image,
                                    image.rootNid(),
                                    Corpus.devices(Corpus.blob("basic-chunk4m-blob", 0)),
                                    new RecordingSink(),
                                    limits))
                    .isInstanceOf(UnsupportedImageException.class)
                    .hasMessageContaining("more than");
        }
    }

    @Test
    void holesAreNotHandedOver() throws IOException {
        ErofsImage image = Corpus.image("sparse-chunk4m-blob", 0);
        Inode huge = image.inode(image.lookup(image.rootNid(), new byte[] {'h', 'u', 'g', 'e'}));
        Extracted extracted =
                TreeExtractor.extract(
                        image,
                        image.rootNid(),
                        Corpus.devices(Corpus.blob("sparse-chunk4m-blob", 0)),
                        new RecordingSink(),
                        ExtractLimits.NONE);

        assertThat(huge.size()).isGreaterThan(4L << 30);
        assertThat(extracted.dataBytes()).isLessThan(64L << 20);
    }
}

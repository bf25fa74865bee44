package io.arcfs.erofs.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.erofs.Corpus;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.UnsupportedImageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageCheckerTest {
    private static final Duration BOUND = Duration.ofSeconds(5);

    @TempDir Path directory;

    static List<String> vectors() {
        return Corpus.singleImages();
    }

    static List<String> corruptCases() throws IOException {
        List<String> names = new ArrayList<>();
        Corpus.json("corrupt/cases.json").forEach(one -> names.add(one.get("name").asText()));
        return names;
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void soundImageHasNoFindings(String vector) throws IOException {
        List<Long> devices = new ArrayList<>();
        for (byte[] blob : Corpus.blob(vector, 0)) {
            devices.add((long) blob.length);
        }
        assertThat(ImageChecker.check(Corpus.image(vector, 0), devices)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("corruptCases")
    void corruptImageIsRejectedAsTheCorpusSays(String name) throws IOException {
        JsonNode one = corruptCase(name);
        MemorySegment bytes = patched(one);
        List<Finding> findings = new ArrayList<>();
        Assertions.assertTimeoutPreemptively(BOUND, () -> findings.addAll(check(bytes)));

        String expected = one.get("expect").asText();
        if (expected.equals("reject")) {
            assertThat(findings).as(one.get("why").asText()).isNotEmpty();
        } else if (expected.equals("accept")) {
            assertThat(findings).isEmpty();
        } else {
            assertThat(expected).isEqualTo("reject-or-skip");
        }
    }

    @Test
    void findingNamesOffsetPathAndReason() throws IOException {
        assertThat(check(patched(corruptCase("inode-mode-type"))))
                .anySatisfy(finding -> {
                    assertThat(finding.path()).isEqualTo("/order/aa");
                    assertThat(finding.what()).contains("type");
                    assertThat(finding.offsetBytes()).isPositive();
                });
    }

    @Test
    void whatIsNoImageIsOneFinding() throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "no image".repeat(1000));
        Path empty = Files.createFile(directory.resolve("empty"));

        assertThat(ImageChecker.check(text, List.of()))
                .singleElement()
                .extracting(Finding::what)
                .asString()
                .contains("magic");
        assertThat(ImageChecker.check(empty, List.of())).hasSize(1);
        assertThat(ImageChecker.check(directory, List.of()))
                .singleElement()
                .extracting(Finding::what)
                .asString()
                .contains("not a regular file");
    }

    private static JsonNode corruptCase(String name) throws IOException {
        for (JsonNode one : Corpus.json("corrupt/cases.json")) {
            if (one.get("name").asText().equals(name)) {
                return one;
            }
        }
        throw new AssertionError(name);
    }

    private static MemorySegment patched(JsonNode one) throws IOException {
        byte[] bytes = Corpus.bytes(one.get("base").asText() + "/meta.00");
        for (JsonNode patch : one.get("patches")) {
            byte[] hex = HexFormat.of().parseHex(patch.get("hex").asText());
            System.arraycopy(hex, 0, bytes, patch.get("off").asInt(), hex.length);
        }
        if (!one.get("truncate").isNull()) {
            bytes = Arrays.copyOf(bytes, one.get("truncate").asInt());
        }
        return MemorySegment.ofArray(bytes);
    }

    private static List<Finding> check(MemorySegment bytes) throws IOException {
        try {
            byte[] blob = Corpus.bytes("basic-chunk4m-blob/blob.00");
            return ImageChecker.check(ErofsImage.of(bytes, "case"), List.of((long) blob.length));
        } catch (CorruptImageException | UnsupportedImageException e) {
            return List.of(new Finding(0, "", String.valueOf(e.getMessage())));
        }
    }
}

package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second reader, in another language, made from docs/format/containers.md. */
final class FormatDocumentTest {
    private static final Geometry TINY = TierFixture.TINY;
    private static final ContainerId SECOND_USE = new ContainerId(3, 2);

    @TempDir Path dir;

    @Test
    void aReaderMadeFromTheDocumentUnderstandsAContainerOnAMedium() throws Exception {
        Path python = Path.of("/usr/bin/python3");
        Assumptions.assumeTrue(Files.isExecutable(python), "needs python3");
        long start = TINY.containerStart(3);
        UUID image = UUID.fromString("6f1c0f5e-8f0b-4a52-9c5e-0a1b2c3d4e5f");
        try (TierFixture fixture = TierFixture.open(dir)) {
            fixture.tier.control().open(SECOND_USE);
            fixture.write(start, TierFixture.random(1, 20 * 4096));
            ImageRecord record =
                    new ImageRecord(
                            0,
                            4,
                            2,
                            image,
                            5000,
                            List.of(new DeviceExtent(start + 4096, 5000)),
                            new byte[32],
                            List.of(new ContainerId(1, 1), SECOND_USE),
                            4711,
                            12);
            fixture.tier
                    .control()
                    .close(SECOND_USE, start + 77_000, List.of(record), TierFixture.DESCRIPTOR);
            fixture.tier.control().awaitDestaged();
            String said = run(python, fixture.medium(0).resolve("c00000003.0002"));
            assertThat(said.lines())
                    .containsExactly(
                            "volume " + TierFixture.VOLUME + " container 3.2 of 16 used 77000",
                            "descriptor {\"volume\":1}",
                            "image 0 4 2 "
                                    + image
                                    + " 5000 ["
                                    + (start + 4096)
                                    + ", 5000] [1, 1, 3, 2] 4711 12");
        }
    }

    private String run(Path python, Path container) throws IOException, InterruptedException {
        Path script = dir.resolve("read_container.py");
        try (InputStream in =
                Objects.requireNonNull(
                        FormatDocumentTest.class.getResourceAsStream("/read_container.py"))) {
            Files.copy(in, script);
        }
        Process process =
                new ProcessBuilder(python.toString(), script.toString(), container.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}

package io.arcfs.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class DescriptorFileTest {
    @TempDir Path volume;
    private Path file = Path.of("");
    private String good = "";

    @BeforeEach
    void writeGoodDescriptor() throws IOException {
        file = volume.resolve("arc.json");
        DescriptorEdit edit = DescriptorEdit.forNewVolume(file, UUID.randomUUID(), Instant.now());
        edit.finish().publish();
        good = Files.readString(file);
    }

    @Test
    void newDescriptorReadsBackAsTheDefaults() throws IOException {
        VolumeDescriptor descriptor = DescriptorFile.read(file).descriptor();
        assertThat(descriptor.archive().thresholdBytes()).isEqualTo(475L << 20);
        assertThat(descriptor.archive().maxAge()).isZero();
        assertThat(descriptor.merge().layers()).isEqualTo(4);
        assertThat(descriptor.ssd().fullTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(descriptor.cold()).containsExactly(new ColdSpec("dir", Path.of("cold")));
        assertThat(descriptor.geometry()).isEqualTo(io.arcfs.tier.Geometry.DEFAULT);
    }

    @Test
    void bytesAreTheFileAsItStands() throws IOException {
        assertThat(DescriptorFile.read(file).bytes()).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void keysWithDefaultsMayBeAbsent() throws IOException {
        Files.writeString(
                file, good.replaceAll("(?s),\\s*\"copies\".*$", "}").replaceAll("(?s)\\]}$", "]}"));
        assertThat(DescriptorFile.read(file).descriptor().limits().maxMounts()).isEqualTo(16);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|is empty",
                "`  \n\t `|is empty",
                "null|the document is null: must be an object",
                "[]|the document is []: must be an object",
                "\"x\"|the document is \"x\": must be an object",
                "42|the document is 42: must be an object",
                "{|is no valid JSON: line 1",
                "{\"a\"|is no valid JSON",
                "{\"a\":|is no valid JSON",
                "{} {}|is no valid JSON",
                "{'a':1}|is no valid JSON",
                "{\"a\":1,}|is no valid JSON",
                "// hello|is no valid JSON",
                "{\"a\":NaN}|is no valid JSON",
                "{\"copies\":1,\"copies\":2}|Duplicate field 'copies'",
                "{\"formatVersion\":2,\"new\":1}|formatVersion is 2: this arcfs reads version 1",
                "{\"formatVersion\":18446744073709551617}|formatVersion is 18446744073709551617",
                "{\"formatVersion\":\"1\"}|missing key cold",
                "{\"Copies\":1}|unknown key Copies: known here are archive, cold, copies",
                "{\"x\\ny\\u0007\":1}|unknown key x\\ny\\x07: known",
                "{}|missing key formatVersion"
            })
    void documentThatIsNoDescriptorIsRefused(String document, String reason) throws IOException {
        Files.writeString(file, document);
        assertRefused(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // key, value, what the message says
                "formatVersion|1.0|formatVersion is 1.0: must be a whole number from 1 to 1",
                "uuid|\"x\"|uuid is \"x\": must be a UUID",
                "uuid|7|uuid is 7: must be a UUID",
                "uuid|\"1-1-1-1-1\"|must be a UUID",
                "created|\"yesterday\"|created is \"yesterday\": must be a time",
                "created|\"2026-01-01T25:00:00Z\"|must be a time",
                "geometry|[]|geometry is []: must be an object",
                "geometry|{}|missing key geometry.blockBytes",
                "cold|[]|cold is []: must be a list with at least one",
                "cold|\"dir:/x\"|must be a list",
                "cold|[1]|cold[0] is 1: must be dir:PATH",
                "cold|[\"/x\"]|cold[0] is \"/x\": must be dir:PATH",
                "cold|[\"dir:\"]|cold[0] is \"dir:\": has no path",
                "cold|[\"dir:~/x\"]|has a ~",
                "cold|[\"dir:../x\"]|has .. in its path",
                "cold|[\"dir:/a\\u0000b\"]|has a path that no file can have",
                "cold|[\"dir:/a\",\"dir:/a/\"]|cold[1] is \"dir:/a/\": is the same place",
                "cold|[\"dir:.\"]|is a place that the volume itself uses",
                "cold|[\"dir:catalog/x\"]|is a place that the volume itself uses",
                "cold|[\"s3:x\"]|s3: media are not built yet",
                "cold|[\"ftp:/x\"]|must be dir:PATH",
                "copies|0|copies is 0: must be a whole number from 1 to 64",
                "copies|2|copies is 2: must be at most the number of cold media, 1",
                "copies|\"1\"|copies is \"1\": must be a whole number",
                "copies|-0|must be a whole number",
                "copies|9223372036854775808|must be a whole number",
                "copies|1.5|copies is 1.5: must be a whole number",
                "copies|1e0|copies is 1: must be a whole number",
                "copies|1e999|must be a whole number",
                "copies|4294967297|copies is 4294967297: must be a whole number",
                "copies|18446744073709551617|must be a whole number",
                "copies|null|copies is null: must be a whole number",
                "copies|true|copies is true: must be a whole number",
                "archive.threshold|\"10GB\"|threshold is \"10GB\": must be a size such as 4096",
                "archive.threshold|\"10 gb\"|must be a size",
                "archive.threshold|\"-1\"|must be a size",
                "archive.threshold|-1|must be from 4K to",
                "archive.threshold|\"0\"|must be from 4K to",
                "archive.threshold|\"1e3\"|must be a size",
                "archive.threshold|\"\"|must be a size",
                "archive.threshold|\"9999999T\"|is too large",
                "archive.threshold|9223372036854775808|must be a size",
                "archive.threshold|0.1|archive.threshold is 0.1: must be a size",
                "archive.threshold|{}|must be a size",
                "archive.maxAge|\"25:00\"|archive.maxAge is \"25:00\": must be a duration",
                "archive.maxAge|\"-1s\"|must be a duration",
                "archive.maxAge|5|archive.maxAge is 5: must be a duration",
                "archive.maxAge|\"99999d\"|is longer than 3660d",
                "archive.onUnmount|\"true\"|must be true or false",
                "archive.onUnmount|0|must be true or false",
                "archive.treshold|1|unknown key archive.treshold: known here are maxAge",
                "merge.layers|1|must be a whole number from 2 to 64",
                "merge.policy|\"Tiered\"|must be one of \"base\", \"tiered\", \"manual\"",
                "ssd.limit|[]|ssd.limit is []: must be a size",
                "ssd.fullTimeout|null|ssd.fullTimeout is null: must be a duration",
                "heads.share|91|heads.share is 91: must be a whole number from 0 to 90",
                "heads.head|\"2T\"|must be from",
                "heads.names|[\"*.iso\"]|\"*.iso\" is not GLOB=HEAD+TAIL",
                "heads.names|[\"[=1M+1M\"]|begins with no glob: Missing",
                "heads.names|[\"*.iso=1M+x\"]|must be a size",
                "heads.names|\"x\"|must be a list",
                "overwrite|\"allow\"|overwrite is \"allow\": must be one of \"deny\", \"upper\"",
                "device|\"/dev/ublkb0\"|must be one of \"auto\", \"ublk\", \"inprocess\"",
                "limits.maxMounts|0|must be a whole number from 1 to 4096",
                "recall|{\"refuse\":\"tumblerd\"}|recall.refuse is \"tumblerd\": must be a list of"
                        + " names",
                "recall|{\"refuse\":[1]}|recall.refuse[0] is 1: must be names of programs",
                "recall|{\"refuse\":[\"a/b\"]}|must be names of programs",
                "recall|{\"refuse\":[\"\"]}|must be names of programs",
                "recall|{\"deny\":[]}|unknown key recall.deny: known here are refuse",
                "metrics|{\"listen\":9464}|metrics.listen is 9464: must be \"off\"",
                "metrics|{\"listen\":\"0.0.0.0:9464\"}|must be \"off\", \"unix:PATH\"",
                "metrics|{\"listen\":\"loopback:65536\"}|must be \"off\"",
                "metrics|{\"listen\":\"unix:here\"}|must be \"off\"",
                "geometry.blockBytes|512|geometry.blockBytes is 512: it must be 4096",
                "geometry.chunkBytes|5000|must be a power of two",
                "geometry.objectBytes|1|must be a multiple of 4096",
                "geometry.containerBytes|4096|must be a multiple of 4096, larger than",
                "geometry.containers|40000|needs 48-bit EROFS addresses",
                "geometry.containers|0|must be a whole number from 1",
                "geometry.extra|0|unknown key geometry.extra"
            })
    void valueThatIsNotAllowedIsRefusedWithItsPlace(String key, String value, String reason)
            throws IOException {
        Files.writeString(file, withValue(key, value));
        assertRefused(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"formatVersion", "uuid", "created", "geometry", "cold"})
    void missingKeyIsNamed(String key) throws IOException {
        var tree = DescriptorFile.read(file).tree();
        tree.remove(key);
        Files.writeString(file, tree.toString());
        assertRefused("missing key " + key);
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        String compact = DescriptorFile.read(file).tree().toString();
        for (int length = 0; length < compact.length(); length++) {
            Files.writeString(file, compact.substring(0, length));
            assertThatThrownBy(() -> DescriptorFile.read(file))
                    .isInstanceOf(DescriptorException.class);
        }
    }

    @Test
    void windowsLineEndsAreRead() throws IOException {
        Files.writeString(file, good.replace("\n", "\r\n"));
        assertThat(DescriptorFile.read(file).descriptor().copies()).isEqualTo(1);
    }

    @Test
    void otherEncodingsAreRefused() throws IOException {
        Files.write(file, good.getBytes(StandardCharsets.UTF_16));
        assertRefused("is not UTF-8");
        Files.writeString(file, "\uFEFF" + good);
        assertRefused("begins with a byte order mark");
        Files.writeString(file, good.replace("\"base\"", "\"ba\0se\""));
        assertRefused("is no valid JSON");
    }

    @Test
    void hugeFileIsRefusedUnread() throws IOException {
        byte[] large = new byte[DescriptorFile.MAX_BYTES + 1];
        Arrays.fill(large, (byte) ' ');
        Files.write(file, large);
        assertRefused("is larger than 1M");
    }

    @Test
    void deepNestingIsRefused() throws IOException {
        Files.writeString(file, "{\"a\":" + "[".repeat(100_000));
        assertRefused("nesting depth");
    }

    @Test
    void longStringIsRefused() throws IOException {
        Files.writeString(file, "{\"uuid\":\"" + "x".repeat(900_000) + "\"}");
        assertRefused("is no valid JSON");
    }

    @Test
    void whatIsNoFileIsRefusedWithoutWaiting() throws IOException, InterruptedException {
        Files.delete(file);
        assertRefused("does not exist");
        Files.createDirectory(file);
        assertRefused("is a directory");
        Files.delete(file);
        Files.createSymbolicLink(file, volume.resolve("nothing"));
        assertRefused("is a symbolic link to nothing");
        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
        assertRefused("is no regular file");
    }

    @Test
    void messageIsOneLine() throws IOException {
        Files.writeString(file, "{\"a\\n\\u001b[31mb\":1}");
        assertThatThrownBy(() -> DescriptorFile.read(file))
                .message()
                .doesNotContain("\n", "\u001b")
                .contains("a\\n\\x1b[31mb");
    }

    @Test
    void editSetsTypedValuesAndChecksThemTogether() throws IOException {
        DescriptorEdit edit = DescriptorEdit.of(DescriptorFile.read(file));
        edit.set("archive.threshold", "64M");
        edit.set("archive.onUnmount", "true");
        edit.set("merge.layers", "8");
        edit.set("cold", "dir:/a,dir:/b");
        edit.set("copies", "2");
        VolumeDescriptor edited = edit.finish().descriptor();
        assertThat(edited.archive().thresholdBytes()).isEqualTo(64L << 20);
        assertThat(edited.archive().onUnmount()).isTrue();
        assertThat(edited.merge().layers()).isEqualTo(8);
        assertThat(edited.copies()).isEqualTo(2);
        edit.set("archive.tresholt", "1");
        assertThatThrownBy(edit::finish).hasMessageContaining("unknown key archive.tresholt");
    }

    @Test
    void deviceSizeIsWholeContainers() throws IOException {
        DescriptorEdit edit = DescriptorEdit.of(DescriptorFile.read(file));
        edit.setDeviceBytes((480L << 20) * 3 + 5);
        assertThat(edit.finish().descriptor().geometry().containers()).isEqualTo(3);
        assertThatThrownBy(() -> edit.setDeviceBytes(1000))
                .hasMessageContaining("no whole number of containers");
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> DescriptorFile.read(file))
                .isInstanceOf(DescriptorException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(reason);
    }

    /** The good descriptor with one value replaced by a literal. */
    private String withValue(String dottedKey, String literal) throws IOException {
        ObjectNode tree = DescriptorFile.read(file).tree().deepCopy();
        String[] names = dottedKey.split("\\.", -1);
        ObjectNode parent = tree;
        for (String name : Arrays.copyOf(names, names.length - 1)) {
            parent = parent.get(name) instanceof ObjectNode child ? child : parent.putObject(name);
        }
        String marker = "MARKER";
        parent.put(names[names.length - 1], marker);
        return tree.toString().replace("\"" + marker + "\"", literal);
    }
}

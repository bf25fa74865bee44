package io.arcfs.cli.verb;

import static io.arcfs.cli.verb.ArcRun.arc;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.cli.manual.JsonVerbs;
import io.arcfs.cli.schema.JsonSchemas;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JSON of verbs that need no mount, judged by the shipped schemas. */
class JsonOutputTest {
    @TempDir Path directory;

    @Test
    void everyVerbWithJsonHasASchema() {
        List<String> verbs = JsonVerbs.of(ArcModel.get());
        assertThat(verbs).contains("status", "explain", "doctor", "device list");
        for (String verb : verbs) {
            String name = verb.replace(' ', '-') + ".schema.json";
            assertThat(JsonSchemas.class.getResource(name)).as(name).isNotNull();
        }
    }

    @Test
    void statusOfAnIdleVolume() throws IOException {
        Path volume = directory.resolve("v");
        arc("mkfs", "--quiet", volume).succeeded();
        JsonSchemas.assertValid("status", arc("status", volume, "--json").succeeded().out());
    }

    @Test
    void statusOfAllMounts() throws IOException {
        JsonSchemas.assertValid("status", arc("status", "--json").succeeded().out());
    }

    @Test
    void doctor() throws IOException {
        JsonSchemas.assertValid("doctor", arc("doctor", "--json").out());
    }

    @Test
    void devices() throws IOException {
        JsonSchemas.assertValid("device-list", arc("device", "list", "--json").out());
    }

    @Test
    void wrongJsonIsNotValid() {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> JsonSchemas.assertValid("doctor", "[{\"name\": 1}]"))
                .isInstanceOf(AssertionError.class);
    }
}

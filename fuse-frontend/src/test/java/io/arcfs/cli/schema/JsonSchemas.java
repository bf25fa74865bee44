package io.arcfs.cli.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The shipped schemas, by the verb whose JSON they describe. */
public final class JsonSchemas {
    private JsonSchemas() {}

    public static void assertValid(String verb, JsonNode json) throws IOException {
        assertValid(verb, json.toString());
    }

    public static void assertValid(String verb, String json) throws IOException {
        SchemaRegistry registry =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        try (InputStream in =
                Objects.requireNonNull(
                        JsonSchemas.class.getResourceAsStream(verb + ".schema.json"), verb)) {
            Schema schema =
                    registry.getSchema(
                            new String(in.readAllBytes(), StandardCharsets.UTF_8),
                            InputFormat.JSON);
            assertThat(schema.validate(json, InputFormat.JSON)).as(json).isEmpty();
        }
    }
}

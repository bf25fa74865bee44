package io.arcfs.it.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The schemas that the command ships, by the verb whose JSON they describe. */
public final class JsonSchema {
    private JsonSchema() {}

    public static void assertValid(String verb, String json) throws IOException {
        String name = "/io/arcfs/cli/schema/" + verb + ".schema.json";
        try (InputStream in =
                Objects.requireNonNull(JsonSchema.class.getResourceAsStream(name), name)) {
            String schema = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(
                            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                                    .getSchema(schema, InputFormat.JSON)
                                    .validate(json, InputFormat.JSON))
                    .as(json)
                    .isEmpty();
        }
    }
}

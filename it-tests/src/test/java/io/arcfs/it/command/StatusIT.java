package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code arc status --json} has the fields of CLI.md, with their types, in every state. */
@Tag("fuse")
@Needs(Capability.FUSE)
class StatusIT {
    private static final String NUMBER = "NUMBER";
    private static final String STRING = "STRING";

    private static final Map<String, String> FIELDS =
            Map.ofEntries(
                    Map.entry("/volume", STRING),
                    Map.entry("/uuid", STRING),
                    Map.entry("/device", STRING),
                    Map.entry("/state", STRING),
                    Map.entry("/upper/name", STRING),
                    Map.entry("/upper/bytes", NUMBER),
                    Map.entry("/upper/files", NUMBER),
                    Map.entry("/upper/threshold", NUMBER),
                    Map.entry("/layers/0/name", STRING),
                    Map.entry("/layers/0/state", STRING),
                    Map.entry("/layers/0/files", NUMBER),
                    Map.entry("/layers/0/dataBytes", NUMBER),
                    Map.entry("/layers/0/metaBytes", NUMBER),
                    Map.entry("/containers/size", NUMBER),
                    Map.entry("/containers/total", NUMBER),
                    Map.entry("/containers/open", NUMBER),
                    Map.entry("/containers/staged", NUMBER),
                    Map.entry("/containers/cold", NUMBER),
                    Map.entry("/containers/evicted", NUMBER),
                    Map.entry("/ssd/usedBytes", NUMBER),
                    Map.entry("/ssd/headBytes", NUMBER),
                    Map.entry("/ssd/limitBytes", NUMBER),
                    Map.entry("/cold/0/spec", STRING),
                    Map.entry("/cold/0/state", STRING),
                    Map.entry("/cold/0/usedBytes", NUMBER),
                    Map.entry("/cold/0/objectsRead", NUMBER),
                    Map.entry("/cold/0/objectsVerified", NUMBER),
                    Map.entry("/cold/0/objectsWritten", NUMBER),
                    Map.entry("/recall/queued", NUMBER),
                    Map.entry("/recall/running", NUMBER),
                    Map.entry("/recall/done", NUMBER),
                    Map.entry("/recall/objects", NUMBER),
                    Map.entry("/recall/bytes", NUMBER),
                    Map.entry("/work", "ARRAY"),
                    Map.entry("/handles", NUMBER),
                    Map.entry("/problems", "ARRAY"));

    @Test
    void everyFieldIsThereWhetherMountedOrNot() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount("--threshold", "1G")) {
            Files.writeString(volume.mountPoint().resolve("file"), "some bytes");
            JsonNode mounted = volume.status();
            assertFields(mounted);
            assertThat(mounted.path("mountpoint").asText())
                    .isEqualTo(volume.mountPoint().toString());
            assertThat(mounted.path("volume").asText()).isEqualTo(volume.volume().toString());
            assertThat(mounted.path("pid").asLong()).isPositive();
            assertThat(mounted.path("fuse").asText()).isEqualTo("native");
            assertThat(mounted.path("device").asText()).isEqualTo("inprocess");
            assertThat(mounted.path("state").asText()).isEqualTo("mounted");
            assertThat(mounted.at("/upper/bytes").asLong()).isEqualTo(10);
            assertThat(mounted.at("/upper/threshold").asLong()).isEqualTo(1L << 30);
            assertThat(mounted.at("/layers/0/name").asText())
                    .isEqualTo(mounted.at("/upper/name").asText());
            assertThat(mounted.at("/layers/0/state").asText()).isEqualTo("ACTIVE");
            assertThat(mounted.at("/containers/size").asLong()).isEqualTo(480L << 20);

            volume.arc("archive");
            JsonNode archived = volume.status();
            assertFields(archived);
            assertThat(archived.at("/layers/1/name").asText()).isEqualTo("arc_00");
            assertThat(archived.at("/layers/1/state").asText()).isEqualTo("ARCHIVED");
            assertThat(archived.at("/layers/1/files").asLong()).isEqualTo(1);
            assertThat(archived.at("/upper/bytes").asLong()).isZero();

            volume.arc("flush");
            assertThat(volume.status().at("/cold/0/objectsWritten").asLong()).isPositive();
            assertThat(volume.status().at("/layers/1/state").asText()).isEqualTo("COLD");

            volume.unmount();
            JsonNode idle = volume.status();
            assertFields(idle);
            assertThat(idle.path("mountpoint").isNull()).isTrue();
            assertThat(idle.path("pid").isNull()).isTrue();
            assertThat(idle.path("fuse").isNull()).isTrue();
            assertThat(idle.path("state").asText()).isEqualTo("idle");
        }
    }

    @Test
    void withoutATargetEveryMountedVolumeIsListed() {
        try (TestVolume first = TestVolume.makeAndMount();
                TestVolume second = TestVolume.makeAndMount()) {
            assertThat(first.arc().statusOfAll().findValuesAsText("volume"))
                    .contains(first.volume().toString(), second.volume().toString());
            second.unmount();
            assertThat(first.arc().statusOfAll().findValuesAsText("volume"))
                    .contains(first.volume().toString())
                    .doesNotContain(second.volume().toString());
        }
    }

    @Test
    void statusForPeopleSaysWhatHappened() throws IOException {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            Files.writeString(volume.mountPoint().resolve("file"), "some bytes");
            volume.arc("archive");
            String text = volume.arc("status").out();
            assertThat(text)
                    .contains(volume.mountPoint().toString())
                    .contains("arc_00")
                    .contains("dir_01")
                    .doesNotContain("{");
        }
    }

    @Test
    void targetMayBeTheMountpoint() {
        try (TestVolume volume = TestVolume.makeAndMount()) {
            assertThat(volume.arc().status(volume.mountPoint()).path("uuid"))
                    .isEqualTo(volume.status().path("uuid"));
            volume.arc().succeed("archive", volume.mountPoint());
            volume.arc().succeed("umount", volume.volume());
        }
    }

    private static void assertFields(JsonNode status) {
        Map<String, String> wrong = new TreeMap<>();
        FIELDS.forEach((pointer, type) -> {
            JsonNodeType found = status.at(pointer).getNodeType();
            if (!found.name().equals(type)) {
                wrong.put(pointer, found + " instead of " + type);
            }
        });
        for (String nullable : new String[] {"mountpoint", "pid", "fuse"}) {
            if (!status.has(nullable)) {
                wrong.put("/" + nullable, "missing");
            }
        }
        assertThat(wrong).as("fields of CLI.md in %s", status.toPrettyString()).isEmpty();
    }
}

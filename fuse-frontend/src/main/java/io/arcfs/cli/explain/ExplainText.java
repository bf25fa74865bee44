package io.arcfs.cli.explain;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.cli.Humane;
import java.util.ArrayList;
import java.util.List;

/** What {@link ExplainJson} says, for people. Stateless. */
public final class ExplainText {
    private ExplainText() {}

    /**
     * @param shown the path as the user gave it, safe for a terminal
     */
    public static String of(JsonNode json, String shown) {
        StringBuilder out = new StringBuilder(shown).append(": ").append(headline(json));
        out.append("\n  size      ").append(Humane.bytes(json.path("sizeBytes").asLong()));
        if (json.path("files").asLong() != 1) {
            out.append(" in ").append(Humane.counted(json.path("files").asLong(), "file"));
        }
        List<String> places = new ArrayList<>();
        place(places, json.path("upperBytes").asLong(), "not archived yet");
        place(places, json.path("archivedBytes").asLong(), "archived");
        if (!places.isEmpty()) {
            out.append("\n  of it     ").append(String.join(", ", places));
        }
        recall(out, json.path("recall"));
        return out.append('\n').toString();
    }

    private static String headline(JsonNode json) {
        return switch (json.path("state").asText()) {
            case "upper" -> "upper: on SSD, not archived yet";
            case "ssd" -> "ssd: archived, and on SSD";
            case "partial" -> "partial: archived, only some of it on SSD";
            case "cold" -> "cold: archived, on cold media only";
            default -> json.path("state").asText();
        };
    }

    private static void place(List<String> places, long bytes, String what) {
        if (bytes > 0) {
            places.add(Humane.bytes(bytes) + " " + what);
        }
    }

    private static void recall(StringBuilder out, JsonNode recall) {
        if (recall.isNull()) {
            out.append("\n  a recall  cannot be estimated: another process owns the tier");
            return;
        }
        long cold = recall.path("coldObjects").asLong();
        if (cold == 0) {
            out.append("\n  a recall  is not needed");
            return;
        }
        out.append("\n  a recall  of ").append(Humane.bytes(recall.path("coldBytes").asLong()));
        out.append(": ").append(Humane.counted(cold, "object")).append(" of ");
        out.append(Humane.count(recall.path("objects").asLong())).append(" in ");
        out.append(Humane.counted(recall.path("containers").asLong(), "container")).append(", ");
        out.append(mounts(recall.path("mounts").asLong())).append(", about ");
        out.append(Humane.duration(recall.path("seconds").asDouble()));
        for (JsonNode medium : recall.path("media")) {
            out.append("\n  from      ").append(io.arcfs.recovery.SafeText.of(medium.asText()));
        }
        long away = recall.path("unreachableObjects").asLong();
        if (away > 0) {
            out.append("\n  but       ").append(Humane.counted(away, "object"));
            out.append(" cannot be reached: the medium is offline");
        }
    }

    private static String mounts(long count) {
        return count == 1 ? "1 medium to mount" : count + " media to mount";
    }
}

package io.arcfs.cli.status;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.cli.Humane;
import io.arcfs.recovery.SafeText;
import java.util.ArrayList;
import java.util.List;

/**
 * A volume's status for people: where it is, its layers, its tiers, what is under way, its media,
 * and what needs attention. Reads the JSON of {@link StatusJson}, so both say the same. Stateless.
 */
public final class StatusText {
    private StatusText() {}

    public static String of(JsonNode status) {
        StringBuilder out = new StringBuilder();
        title(out, status);
        layers(out, status);
        tiers(out, status);
        work(out, status);
        media(out, status.path("cold"));
        attention(out, status.path("problems"));
        return out.toString();
    }

    private static void title(StringBuilder out, JsonNode status) {
        String state = status.path("state").asText();
        String volume = text(status, "volume");
        if (status.path("mountpoint").isNull()) {
            out.append(volume).append("   ").append(state);
            if (status.path("pid").isNumber()) {
                out.append(", open by pid ").append(status.path("pid").asLong());
            } else {
                out.append(", not mounted");
            }
        } else {
            out.append(text(status, "mountpoint")).append("   ").append(state);
            out.append(" (pid ").append(status.path("pid").asText("?")).append(", fuse ");
            out.append(status.path("fuse").asText("?")).append(", ");
            out.append(Humane.counted(status.path("handles").asLong(), "open handle")).append(")");
            out.append("\n  volume ").append(volume);
            out.append("\n  passthrough ").append(status.path("passthrough").asText("?"));
        }
        out.append("\n  uuid   ").append(text(status, "uuid")).append('\n');
    }

    private static void layers(StringBuilder out, JsonNode status) {
        Table table = new Table("Layers, newest first", "state", "files", "data", "metadata");
        for (JsonNode layer : status.path("layers")) {
            table.row(
                    text(layer, "name"),
                    text(layer, "state"),
                    Humane.count(layer.path("files").asLong()),
                    Humane.bytes(layer.path("dataBytes").asLong()),
                    Humane.bytes(layer.path("metaBytes").asLong()));
        }
        table.print(out);
        JsonNode upper = status.path("upper");
        long bytes = upper.path("bytes").asLong();
        long threshold = upper.path("threshold").asLong();
        out.append("  ").append(text(upper, "name")).append(" holds ");
        out.append(Humane.bytes(bytes)).append(" of the ").append(Humane.bytes(threshold));
        out.append(" at which it is archived (").append(Humane.percent(bytes, threshold));
        out.append(")\n");
    }

    private static void tiers(StringBuilder out, JsonNode status) {
        JsonNode containers = status.path("containers");
        JsonNode ssd = status.path("ssd");
        out.append("\nTiers\n  SSD         ");
        out.append(Humane.bytes(ssd.path("usedBytes").asLong())).append(" used of ");
        out.append(Humane.bytes(ssd.path("limitBytes").asLong()));
        out.append("; heads ").append(Humane.bytes(ssd.path("headBytes").asLong()));
        out.append(", pinned ").append(Humane.bytes(ssd.path("pinnedBytes").asLong()));
        out.append('\n');
        out.append("  containers  of ").append(Humane.bytes(containers.path("size").asLong()));
        out.append(": ").append(containers.path("open").asLong()).append(" open, ");
        out.append(containers.path("staged").asLong()).append(" waiting for media, ");
        out.append(containers.path("cold").asLong()).append(" cold and on SSD, ");
        out.append(containers.path("evicted").asLong()).append(" cold only, of ");
        out.append(Humane.count(containers.path("total").asLong())).append('\n');
        JsonNode recall = status.path("recall");
        out.append("  recall      ").append(recall.path("queued").asLong()).append(" waiting, ");
        out.append(recall.path("running").asLong()).append(" running; since mount ");
        out.append(Humane.counted(recall.path("objects").asLong(), "object")).append(", ");
        out.append(Humane.bytes(recall.path("bytes").asLong())).append('\n');
        long oldest = status.at("/verify/oldestSeconds").asLong();
        if (oldest > 0) {
            out.append("  verified    all of the media within the last ");
            out.append(oldest < 86_400 ? oldest / 3600 + 1 + " h" : oldest / 86_400 + 1 + " days");
            out.append('\n');
        }
        JsonNode reclaim = status.path("reclaim");
        if (reclaim.path("deadBytes").asLong() > 0) {
            out.append("  reclaim     ");
            out.append(Humane.bytes(reclaim.path("deadBytes").asLong()));
            out.append(" on the media are not needed any more; arc gc gives back ");
            out.append(Humane.bytes(reclaim.path("gcBytes").asLong())).append('\n');
        }
    }

    private static void work(StringBuilder out, JsonNode status) {
        out.append("\nWork under way\n");
        if (status.path("work").isEmpty()) {
            out.append("  none\n");
        }
        for (JsonNode work : status.path("work")) {
            long done = work.path("doneBytes").asLong();
            long total = work.path("totalBytes").asLong();
            out.append("  ").append(text(work, "kind")).append(' ').append(text(work, "subject"));
            out.append("   ").append(Humane.bytes(done));
            if (total > 0) {
                out.append(" of ").append(Humane.bytes(total));
                out.append(" (").append(Humane.percent(done, total)).append(")");
            }
            out.append('\n');
        }
    }

    private static void media(StringBuilder out, JsonNode media) {
        Table table =
                new Table("Cold media", "state", "used", "written", "verified", "read (objects)");
        for (JsonNode medium : media) {
            table.row(
                    text(medium, "spec"),
                    text(medium, "state"),
                    Humane.bytes(medium.path("usedBytes").asLong()),
                    Humane.count(medium.path("objectsWritten").asLong()),
                    Humane.count(medium.path("objectsVerified").asLong()),
                    Humane.count(medium.path("objectsRead").asLong()));
        }
        table.print(out);
    }

    private static void attention(StringBuilder out, JsonNode problems) {
        out.append("\nNeeds attention\n");
        if (problems.isEmpty()) {
            out.append("  nothing\n");
        }
        for (JsonNode problem : problems) {
            out.append("  - ").append(SafeText.of(problem.asText())).append('\n');
        }
    }

    private static String text(JsonNode node, String field) {
        return SafeText.of(node.path(field).asText());
    }

    /** Columns as wide as their widest cell: the first to the left, the others to the right. */
    private static final class Table {
        private final List<String[]> rows = new ArrayList<>();

        Table(String... heading) {
            rows.add(heading);
        }

        void row(String... cells) {
            cells[0] = "  " + cells[0];
            rows.add(cells);
        }

        void print(StringBuilder out) {
            out.append('\n');
            int[] width = new int[rows.getFirst().length];
            for (String[] row : rows) {
                for (int i = 0; i < width.length; i++) {
                    width[i] = Math.max(width[i], row[i].length());
                }
            }
            for (String[] row : rows) {
                out.append(row[0]).append(" ".repeat(width[0] - row[0].length()));
                for (int i = 1; i < width.length; i++) {
                    out.append("   ").append(" ".repeat(width[i] - row[i].length())).append(row[i]);
                }
                out.append('\n');
            }
            if (rows.size() == 1) {
                out.append("  none\n");
            }
        }
    }
}

package io.arcfs.cli.status;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.cli.Humane;
import io.arcfs.cli.console.Paint;
import io.arcfs.recovery.SafeText;

/**
 * A volume's status for people: where it is, its layers, its tiers, what is under way, its media,
 * who had cold data fetched, and what needs attention. Reads the JSON of {@link StatusJson}, so
 * both say the same. Confined to one thread.
 */
public final class StatusText {
    private static final int CAUSES_SHOWN = 5;

    private final StringBuilder out = new StringBuilder();
    private final JsonNode status;
    private final Paint paint;

    private StatusText(JsonNode status, Paint paint) {
        this.status = status;
        this.paint = paint;
    }

    public static String of(JsonNode status, Paint paint) {
        StatusText text = new StatusText(status, paint);
        text.title();
        text.layers();
        text.tiers();
        text.work();
        text.media();
        text.causes();
        text.attention();
        return text.out.toString();
    }

    private void title() {
        String volume = text(status, "volume");
        if (status.path("mountpoint").isNull()) {
            out.append(paint.heading(volume)).append("   ").append(state());
            if (status.path("pid").isNumber()) {
                out.append(", open by pid ").append(status.path("pid").asLong());
            } else {
                out.append(", not mounted");
            }
        } else {
            out.append(paint.heading(text(status, "mountpoint"))).append("   ").append(state());
            out.append(" (pid ").append(status.path("pid").asText("?")).append(", fuse ");
            out.append(status.path("fuse").asText("?")).append(", ");
            out.append(Humane.counted(status.path("handles").asLong(), "open handle")).append(")");
            out.append("\n  volume ").append(volume);
            out.append("\n  passthrough ").append(status.path("passthrough").asText("?"));
            out.append("\n  io_uring ").append(status.path("io_uring").asText("?"));
        }
        out.append("\n  uuid   ").append(text(status, "uuid")).append('\n');
    }

    private String state() {
        String state = status.path("state").asText();
        return switch (state) {
            case "mounted" -> paint.good(state);
            case "degraded" -> paint.bad(state);
            case "recovering" -> paint.warning(state);
            default -> SafeText.of(state);
        };
    }

    private void layers() {
        TextTable table =
                new TextTable("Layers, newest first", "state", "files", "data", "metadata");
        for (JsonNode layer : status.path("layers")) {
            table.row(
                    text(layer, "name"),
                    text(layer, "state"),
                    Humane.count(layer.path("files").asLong()),
                    Humane.bytes(layer.path("dataBytes").asLong()),
                    Humane.bytes(layer.path("metaBytes").asLong()));
        }
        table.print(out, paint);
        JsonNode upper = status.path("upper");
        long bytes = upper.path("bytes").asLong();
        long threshold = upper.path("threshold").asLong();
        out.append("  ").append(text(upper, "name")).append(" holds ");
        out.append(Humane.bytes(bytes)).append(" of the ").append(Humane.bytes(threshold));
        out.append(" at which it is archived (").append(Humane.percent(bytes, threshold));
        out.append(")\n");
    }

    private void tiers() {
        JsonNode containers = status.path("containers");
        JsonNode ssd = status.path("ssd");
        heading("Tiers");
        out.append("  SSD         ");
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
        out.append(Humane.bytes(recall.path("bytes").asLong()));
        long refused = recall.path("refused").asLong();
        if (refused > 0) {
            out.append(", ").append(Humane.counted(refused, "read")).append(" refused");
        }
        out.append('\n');
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

    private void work() {
        heading("Work under way");
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
            if (work.path("etaSeconds").isNumber()) {
                out.append(", ").append(Humane.duration(work.path("etaSeconds").asDouble()));
                out.append(" left");
            }
            out.append('\n');
        }
    }

    private void media() {
        TextTable table =
                new TextTable(
                        "Cold media", "state", "used", "written", "verified", "read (objects)");
        for (JsonNode medium : status.path("cold")) {
            table.row(
                    text(medium, "spec"),
                    text(medium, "state"),
                    Humane.bytes(medium.path("usedBytes").asLong()),
                    Humane.count(medium.path("objectsWritten").asLong()),
                    Humane.count(medium.path("objectsVerified").asLong()),
                    Humane.count(medium.path("objectsRead").asLong()));
        }
        table.print(out, paint);
    }

    private void causes() {
        JsonNode causes = status.path("recall").path("causes");
        if (causes.isEmpty()) {
            return;
        }
        heading("Recalls were caused by, latest first");
        int shown = 0;
        for (JsonNode cause : causes) {
            if (shown++ == CAUSES_SHOWN) {
                break;
            }
            out.append("  ").append(text(cause, "command"));
            out.append(" (pid ").append(cause.path("pid").asLong()).append(")  ");
            out.append(text(cause, "path")).append("  ");
            out.append(Humane.bytes(cause.path("bytes").asLong()));
            long refused = cause.path("refused").asLong();
            if (refused > 0) {
                out.append(", refused ").append(Humane.counted(refused, "time"));
            }
            out.append('\n');
        }
    }

    private void attention() {
        heading("Needs attention");
        if (status.path("problems").isEmpty()) {
            out.append("  nothing\n");
        }
        for (JsonNode problem : status.path("problems")) {
            out.append("  - ").append(paint.warning(SafeText.of(problem.asText()))).append('\n');
        }
    }

    private void heading(String text) {
        out.append('\n').append(paint.heading(text)).append('\n');
    }

    private static String text(JsonNode node, String field) {
        return SafeText.of(node.path(field).asText());
    }
}

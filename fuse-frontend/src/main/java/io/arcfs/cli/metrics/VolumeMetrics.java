package io.arcfs.cli.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.cli.recall.RecallCauses;
import io.arcfs.fuse.OperationTimes;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of one volume, made from its status when somebody asks: between two questions nothing
 * is counted for them but how long requests take. Stateless.
 */
public final class VolumeMetrics {
    private VolumeMetrics() {}

    /**
     * @param status as {@code arc status --json} prints it
     * @param operations times by the kind of request
     */
    public static MetricSnapshots of(
            JsonNode status,
            Map<String, OperationTimes> operations,
            Map<String, RecallCauses.Sum> recalls) {
        List<MetricSnapshot> all = new ArrayList<>();
        if (!operations.isEmpty()) {
            all.add(operations(operations));
        }
        all.add(bytes(status));
        all.add(containers(status.path("containers")));
        all.add(
                gauge(
                        "arcfs_handles",
                        "Files and directories that programs hold open.",
                        status.path("handles").asDouble()));
        all.add(
                gauge(
                        "arcfs_problems",
                        "Lines under problems in arc status.",
                        status.path("problems").size()));
        all.add(queue(status));
        all.add(work(status.path("work")));
        media(status.path("cold"), all);
        recalls(status.path("recall"), recalls, all);
        return new MetricSnapshots(all);
    }

    private static MetricSnapshot operations(Map<String, OperationTimes> operations) {
        List<HistogramDataPointSnapshot> points = new ArrayList<>();
        operations.forEach((name, times) -> {
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            for (int i = 0; i < times.counts().size(); i++) {
                buckets.bucket(
                        i < OperationTimes.BOUNDS_SECONDS.size()
                                ? OperationTimes.BOUNDS_SECONDS.get(i)
                                : Double.POSITIVE_INFINITY,
                        times.counts().get(i));
            }
            points.add(
                    HistogramDataPointSnapshot.builder()
                            .labels(Labels.of("operation", name))
                            .classicHistogramBuckets(buckets.build())
                            .sum(times.totalSeconds())
                            .build());
        });
        return new HistogramSnapshot(
                new MetricMetadata(
                        "arcfs_operation_seconds",
                        "How long requests of the kernel took.",
                        Unit.SECONDS),
                points);
    }

    private static MetricSnapshot bytes(JsonNode status) {
        List<GaugeDataPointSnapshot> points = new ArrayList<>();
        points.add(point("upper", status.at("/upper/bytes").asDouble()));
        points.add(point("ssd", status.at("/ssd/usedBytes").asDouble()));
        points.add(point("head", status.at("/ssd/headBytes").asDouble()));
        points.add(point("ssd_limit", status.at("/ssd/limitBytes").asDouble()));
        double cold = 0;
        for (JsonNode medium : status.path("cold")) {
            cold += medium.path("usedBytes").asDouble();
        }
        points.add(point("cold", cold));
        return new GaugeSnapshot(
                new MetricMetadata("arcfs_tier_bytes", "Bytes by tier.", Unit.BYTES), points);
    }

    private static GaugeDataPointSnapshot point(String tier, double value) {
        return new GaugeDataPointSnapshot(value, Labels.of("tier", tier), null);
    }

    private static MetricSnapshot containers(JsonNode containers) {
        List<GaugeDataPointSnapshot> points = new ArrayList<>();
        for (String state : List.of("open", "staged", "cold", "evicted")) {
            points.add(
                    new GaugeDataPointSnapshot(
                            containers.path(state).asDouble(), Labels.of("state", state), null));
        }
        return new GaugeSnapshot(
                new MetricMetadata("arcfs_containers", "Containers by state."), points);
    }

    private static MetricSnapshot queue(JsonNode status) {
        List<GaugeDataPointSnapshot> points =
                List.of(
                        new GaugeDataPointSnapshot(
                                status.at("/recall/queued").asDouble(),
                                Labels.of("state", "queued"),
                                null),
                        new GaugeDataPointSnapshot(
                                status.at("/recall/running").asDouble(),
                                Labels.of("state", "running"),
                                null));
        return new GaugeSnapshot(
                new MetricMetadata("arcfs_recall_queue", "Recalls that wait or run."), points);
    }

    private static MetricSnapshot work(JsonNode work) {
        List<GaugeDataPointSnapshot> points = new ArrayList<>();
        for (String kind : List.of("build", "merge", "destage", "verify", "gc")) {
            double left = 0;
            for (JsonNode one : work) {
                if (one.path("kind").asText().equals(kind)) {
                    left += one.path("totalBytes").asDouble() - one.path("doneBytes").asDouble();
                }
            }
            points.add(
                    new GaugeDataPointSnapshot(Math.max(0, left), Labels.of("kind", kind), null));
        }
        return new GaugeSnapshot(
                new MetricMetadata(
                        "arcfs_work_left_bytes",
                        "Bytes that background work has yet to do.",
                        Unit.BYTES),
                points);
    }

    private static void media(JsonNode media, List<MetricSnapshot> all) {
        List<GaugeDataPointSnapshot> up = new ArrayList<>();
        List<CounterDataPointSnapshot> objects = new ArrayList<>();
        for (JsonNode medium : media) {
            String spec = medium.path("spec").asText();
            up.add(
                    new GaugeDataPointSnapshot(
                            medium.path("state").asText().equals("ok") ? 1 : 0,
                            Labels.of("medium", spec),
                            null));
            for (String what : List.of("Read", "Verified", "Written")) {
                objects.add(
                        new CounterDataPointSnapshot(
                                medium.path("objects" + what).asDouble(),
                                Labels.of(
                                        "medium",
                                        spec,
                                        "action",
                                        what.toLowerCase(java.util.Locale.ROOT)),
                                null,
                                0));
            }
        }
        all.add(
                new GaugeSnapshot(
                        new MetricMetadata("arcfs_medium_ok", "Whether a cold medium is well."),
                        up));
        all.add(
                new CounterSnapshot(
                        new MetricMetadata(
                                "arcfs_medium_objects", "Objects moved since the mount."),
                        objects));
    }

    private static void recalls(
            JsonNode recall, Map<String, RecallCauses.Sum> causes, List<MetricSnapshot> all) {
        all.add(
                new CounterSnapshot(
                        new MetricMetadata(
                                "arcfs_recalled_bytes",
                                "Bytes that came from cold media.",
                                Unit.BYTES),
                        List.of(
                                new CounterDataPointSnapshot(
                                        recall.path("bytes").asDouble(), Labels.EMPTY, null, 0))));
        all.add(
                byCommand(
                        "arcfs_recall_waits",
                        "Reads that waited for a cold medium, by command.",
                        causes,
                        RecallCauses.Sum::recalls));
        all.add(
                byCommand(
                        "arcfs_recall_refused",
                        "Reads that got an error instead of cold bytes, by command.",
                        causes,
                        RecallCauses.Sum::refused));
    }

    private static MetricSnapshot byCommand(
            String name,
            String help,
            Map<String, RecallCauses.Sum> causes,
            ToDoubleFunction<RecallCauses.Sum> value) {
        Function<Map.Entry<String, RecallCauses.Sum>, CounterDataPointSnapshot> point =
                entry ->
                        new CounterDataPointSnapshot(
                                value.applyAsDouble(entry.getValue()),
                                Labels.of("command", entry.getKey()),
                                null,
                                0);
        return new CounterSnapshot(
                new MetricMetadata(name, help), causes.entrySet().stream().map(point).toList());
    }

    private static MetricSnapshot gauge(String name, String help, double value) {
        return new GaugeSnapshot(
                new MetricMetadata(name, help),
                List.of(new GaugeDataPointSnapshot(value, Labels.EMPTY, null)));
    }
}

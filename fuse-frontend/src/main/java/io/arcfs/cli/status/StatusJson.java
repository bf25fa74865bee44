package io.arcfs.cli.status;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.recall.RecallCause;
import io.arcfs.cli.recall.RecallCauses;
import io.arcfs.overlay.OverlayStatus;
import io.arcfs.overlay.round.GcRound;
import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeDescriptor;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.TierStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The object that {@code arc status --json} prints; its fields are a contract and are only ever
 * added to. Stateless.
 */
public final class StatusJson {
    private static final int LATEST_CAUSES = 10;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private StatusJson() {}

    /** Of a volume that this process has open. */
    public static ObjectNode of(Volume volume, MountState mount) throws IOException {
        ObjectNode json =
                of(
                                volume.layout(),
                                volume.descriptor(),
                                mount,
                                volume.overlay().status(),
                                volume.tier().control().status())
                        .put("device", volume.deviceName());
        GcRound.Plan plan = volume.overlay().reclaimable();
        if (plan != null) {
            json.putObject("reclaim")
                    .put("deadBytes", plan.deadBytes())
                    .put("gcBytes", plan.freedBytes() - plan.copiedBytes());
        }
        return json;
    }

    static ObjectNode of(
            VolumeLayout layout,
            VolumeDescriptor descriptor,
            MountState mount,
            OverlayStatus overlay,
            TierStatus tier) {
        List<String> problems = new ArrayList<>(overlay.problems());
        problems.addAll(tier.problems());
        boolean degraded = tier.media().stream().anyMatch(m -> !m.state().equals("ok"));
        ObjectNode json =
                head(
                        layout.directory(),
                        descriptor.uuid().toString(),
                        mount,
                        stateOf(mount, degraded));
        json.putObject("upper")
                .put("name", overlay.upper().name())
                .put("bytes", overlay.upper().bytes())
                .put("files", overlay.upper().files())
                .put("threshold", overlay.upper().threshold());
        layers(json.putArray("layers"), overlay);
        containers(json, descriptor.geometry())
                .put("open", tier.openContainers())
                .put("staged", tier.stagedContainers())
                .put("cold", tier.coldContainers())
                .put("evicted", tier.evictedContainers());
        ssd(json, layout, descriptor, tier.ssdUsedBytes(), tier.headBytes())
                .put("pinnedBytes", tier.pinnedBytes());
        json.putObject("verify").put("oldestSeconds", tier.oldestCheckSeconds());
        ArrayNode media = json.putArray("cold");
        tier.media().forEach(medium -> medium(media, medium));
        recall(json, tier.recall());
        ArrayNode work = json.putArray("work");
        overlay.work()
                .forEach(w -> work(work, w.kind(), w.subject(), w.doneBytes(), w.totalBytes()));
        tier.work().forEach(w -> work(work, w.kind(), w.subject(), w.doneBytes(), w.totalBytes()));
        json.put("handles", overlay.handles());
        ArrayNode list = json.putArray("problems");
        problems.forEach(list::add);
        return json;
    }

    /** Of a volume of which only the descriptor is known: every figure is zero. */
    public static ObjectNode ofDescriptor(
            VolumeLayout layout, VolumeDescriptor descriptor, MountState mount) {
        ObjectNode json = head(layout.directory(), descriptor.uuid().toString(), mount, "idle");
        json.putObject("upper")
                .put("name", "dir_00")
                .put("bytes", 0L)
                .put("files", 0L)
                .put("threshold", descriptor.archive().thresholdBytes());
        json.putArray("layers");
        containers(json, descriptor.geometry())
                .put("open", 0)
                .put("staged", 0)
                .put("cold", 0)
                .put("evicted", 0);
        ssd(json, layout, descriptor, 0, 0);
        ArrayNode media = json.putArray("cold");
        for (ColdSpec spec : descriptor.cold()) {
            String shown = spec.resolveIn(layout.directory()).toString();
            medium(media, new TierStatus.Medium(shown, "ok", 0, 0, 0, 0));
        }
        recall(json, new TierStatus.Recall(0, 0, 0, 0, 0));
        json.putArray("work");
        json.put("handles", 0);
        json.putArray("problems");
        return json;
    }

    /** Of a mount whose volume cannot be read: every figure is zero, and the problem says why. */
    public static ObjectNode ofUnreadable(VolumeLayout layout, MountState mount, String problem) {
        ObjectNode json = head(layout.directory(), "", mount, "degraded");
        json.putObject("upper").put("name", "").put("bytes", 0).put("files", 0).put("threshold", 0);
        json.putArray("layers");
        json.putObject("containers")
                .put("size", 0)
                .put("total", 0)
                .put("open", 0)
                .put("staged", 0)
                .put("cold", 0)
                .put("evicted", 0);
        json.putObject("ssd").put("usedBytes", 0).put("headBytes", 0).put("limitBytes", 0);
        json.putArray("cold");
        recall(json, new TierStatus.Recall(0, 0, 0, 0, 0));
        json.putArray("work");
        json.put("handles", 0);
        json.putArray("problems").add(problem);
        return json;
    }

    private static ObjectNode head(Path volume, String uuid, MountState mount, String state) {
        ObjectNode json = NODES.objectNode();
        json.put("volume", volume.toString());
        json.put("uuid", uuid);
        putMount(json, mount);
        json.put("device", "inprocess");
        json.put("state", state);
        return json;
    }

    /** Sets the fields that say how the volume is reached. */
    static void putMount(ObjectNode json, MountState mount) {
        json.put("mountpoint", mount.mountpoint());
        if (mount.pid() == null) {
            json.putNull("pid");
        } else {
            json.put("pid", mount.pid().longValue());
        }
        json.put("fuse", mount.fuse());
        json.put("passthrough", mount.passthrough());
        json.put("io_uring", mount.ioUring());
    }

    private static String stateOf(MountState mount, boolean degraded) {
        if (degraded) {
            return "degraded";
        }
        return mount.mountpoint() == null ? "idle" : "mounted";
    }

    private static void layers(ArrayNode list, OverlayStatus overlay) {
        for (OverlayStatus.Layer layer : overlay.layers()) {
            list.addObject()
                    .put("name", layer.name())
                    .put("state", layer.state())
                    .put("files", layer.files())
                    .put("dataBytes", layer.dataBytes())
                    .put("metaBytes", layer.metaBytes());
        }
    }

    private static ObjectNode containers(ObjectNode json, Geometry geometry) {
        return json.putObject("containers")
                .put("size", geometry.containerBytes())
                .put("total", geometry.containers());
    }

    private static ObjectNode ssd(
            ObjectNode json,
            VolumeLayout layout,
            VolumeDescriptor descriptor,
            long usedBytes,
            long headBytes) {
        long limit = descriptor.ssd().limitBytes();
        return json.putObject("ssd")
                .put("usedBytes", usedBytes)
                .put("headBytes", headBytes)
                .put("limitBytes", limit > 0 ? limit : fileSystemBytes(layout.directory()));
    }

    /** Without a limit of its own a volume may fill its file system. */
    private static long fileSystemBytes(Path directory) {
        try {
            return Files.getFileStore(directory).getTotalSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    private static void medium(ArrayNode list, TierStatus.Medium medium) {
        list.addObject()
                .put("spec", medium.spec())
                .put("state", medium.state())
                .put("usedBytes", medium.usedBytes())
                .put("objectsRead", medium.objectsRead())
                .put("objectsVerified", medium.objectsVerified())
                .put("objectsWritten", medium.objectsWritten())
                .put("transfers", medium.transfers());
    }

    private static void recall(ObjectNode json, TierStatus.Recall recall) {
        json.putObject("recall")
                .put("queued", recall.queued())
                .put("running", recall.running())
                .put("done", recall.done())
                .put("objects", recall.objects())
                .put("bytes", recall.bytes())
                .put("refused", 0L)
                .putArray("causes");
    }

    /** Adds who caused recalls since the mount. */
    public static void putCauses(ObjectNode json, RecallCauses causes) {
        ObjectNode recall = json.withObject("recall");
        recall.put("refused", causes.refused());
        ArrayNode list = recall.putArray("causes");
        for (RecallCause cause : causes.latest(LATEST_CAUSES)) {
            list.addObject()
                    .put("pid", cause.pid())
                    .put("command", cause.command())
                    .put("path", cause.path())
                    .put("recalls", cause.recalls())
                    .put("bytes", cause.bytes())
                    .put("refused", cause.refused())
                    .put("first", Instant.ofEpochMilli(cause.firstMillis()).toString())
                    .put("last", Instant.ofEpochMilli(cause.lastMillis()).toString());
        }
    }

    private static void work(ArrayNode list, String kind, String subject, long done, long total) {
        list.addObject()
                .put("kind", kind)
                .put("subject", subject)
                .put("doneBytes", done)
                .put("totalBytes", total)
                .putNull("etaSeconds");
    }
}

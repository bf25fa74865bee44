package io.arcfs.cli.daemon;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.control.ControlHandler;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.Progress;
import io.arcfs.cli.explain.ExplainJson;
import io.arcfs.cli.recall.RecallCauses;
import io.arcfs.cli.status.MountState;
import io.arcfs.cli.status.StatusJson;
import io.arcfs.cli.status.StatusSnapshot;
import io.arcfs.cli.status.WorkRates;
import io.arcfs.overlay.MergeScope;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does on an open volume what commands ask for, all but unmounting. Thread-safe. */
public final class VolumeOperations implements ControlHandler {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeOperations.class);

    private final Volume volume;
    private final Supplier<MountState> mount;
    private final RecallCauses causes;
    private final WorkRates rates = new WorkRates();

    /**
     * @param mount how the volume is reached now
     * @param causes who had what recalled
     */
    public VolumeOperations(Volume volume, Supplier<MountState> mount, RecallCauses causes) {
        this.volume = volume;
        this.mount = mount;
        this.causes = causes;
    }

    @Override
    public ObjectNode handle(ControlRequest request, Progress progress) throws Exception {
        if (request instanceof ControlRequest.Status) {
            return status();
        }
        if (request instanceof ControlRequest.Explain explain) {
            return explain(explain);
        }
        LOG.info("command started request={}", request.getClass().getSimpleName());
        ObjectNode result;
        try (WorkWatch _ = WorkWatch.start(volume, progress)) {
            result = change(request, progress);
        }
        LOG.info("command done request={}", request.getClass().getSimpleName());
        StatusSnapshot.keep(volume, mount.get(), StatusSnapshot.Moment.OPEN);
        return result;
    }

    private ObjectNode change(ControlRequest request, Progress progress) throws Exception {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        return switch (request) {
            case ControlRequest.Status _ -> status();
            case ControlRequest.Explain explain -> explain(explain);
            case ControlRequest.Archive _ -> result.put("changed", volume.overlay().archive());
            case ControlRequest.Merge merge ->
                    result.put(
                            "changed",
                            volume.overlay()
                                    .merge(merge.all() ? MergeScope.ALL : MergeScope.POLICY));
            case ControlRequest.Flush _ -> {
                volume.overlay().flush();
                yield result;
            }
            case ControlRequest.Evict evict ->
                    result.put(
                            "freedBytes",
                            evict.paths().isEmpty()
                                    ? volume.overlay().evictAll()
                                    : volume.overlay().evict(evict.paths()));
            case ControlRequest.Recall recall ->
                    new FileOperations(volume, progress).recall(recall.paths());
            case ControlRequest.Pin pin ->
                    new FileOperations(volume, progress).pin(pin.paths(), pin.keep());
            case ControlRequest.Verify verify -> new MediaOperations(volume).verify(verify);
            case ControlRequest.Media media -> new MediaOperations(volume).change(media);
            case ControlRequest.Gc gc -> new GcOperation(volume).run(gc);
            case ControlRequest.Dump dump -> {
                requireOutside(dump.file());
                new DeviceDump(volume.tier(), progress).writeTo(dump.file());
                yield result.put("deviceBytes", volume.descriptor().geometry().deviceBytes());
            }
            case ControlRequest.Unmount _, ControlRequest.HandOver _ ->
                    throw new CommandFailure(
                            SafeText.of(volume.layout().directory()),
                            "not mounted",
                            "nothing to do");
        };
    }

    /** Who had what recalled since the mount, by command. */
    Map<String, RecallCauses.Sum> recallsByCommand() {
        return causes.byCommand();
    }

    ObjectNode status() throws IOException {
        ObjectNode json = StatusJson.of(volume, mount.get());
        StatusJson.putCauses(json, causes);
        rates.putEtas(json);
        return json;
    }

    private ObjectNode explain(ControlRequest.Explain request) throws IOException {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        ArrayNode files = result.putArray("files");
        for (byte[] path : request.paths()) {
            ExplainJson.add(files, volume.overlay(), path);
        }
        return result;
    }

    /** The device never holds a dump of itself. */
    private void requireOutside(Path file) throws CommandFailure {
        String mountpoint = mount.get().mountpoint();
        if (mountpoint != null && file.startsWith(Path.of(mountpoint))) {
            throw new CommandFailure(
                    SafeText.of(file),
                    "is inside the mount whose device is dumped",
                    "name a file elsewhere");
        }
    }
}

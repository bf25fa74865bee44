package io.arcfs.cli.daemon;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.DescriptorEdit;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.Volume;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.TierMaintenance.Damage;
import io.arcfs.tier.TierMaintenance.VerifyReport;
import io.arcfs.tier.TierMaintenance.VerifyRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Verifies a volume's media and changes their pool. Confined to the command's thread. */
final class MediaOperations {
    private final Volume volume;

    MediaOperations(Volume volume) {
        this.volume = volume;
    }

    ObjectNode verify(ControlRequest.Verify request) throws IOException {
        List<DeviceExtent> only =
                request.paths().isEmpty() ? List.of() : volume.overlay().extents(request.paths());
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        if (!request.paths().isEmpty() && only.isEmpty()) {
            // Nothing of it is archived, so nothing of it is on a medium.
            result.put("objects", 0).put("bytes", 0).put("complete", true).putArray("damaged");
            return result;
        }
        long most = request.mostSeconds() == 0 ? Long.MAX_VALUE : request.mostSeconds();
        VerifyReport report =
                volume.tier().maintenance().verify(new VerifyRequest(most, request.repair(), only));
        result.put("objects", report.objects()).put("bytes", report.bytes());
        result.put("complete", report.complete());
        ArrayNode damaged = result.putArray("damaged");
        for (Damage damage : report.damaged()) {
            ObjectNode one =
                    damaged.addObject()
                            .put("medium", damage.medium())
                            .put("what", damage.what())
                            .put("repaired", damage.repaired());
            ArrayNode files = one.putArray("files");
            for (byte[] path : volume.overlay().filesIn(damage.extent())) {
                files.add(new String(path, StandardCharsets.UTF_8));
            }
        }
        return result;
    }

    ObjectNode change(ControlRequest.Media request)
            throws IOException, CommandFailure, InterruptedException {
        List<String> specs = request.specs();
        switch (request.change()) {
            case "add" -> add(specs.getFirst());
            case "retire" -> retire(known(specs.getFirst()));
            case "replace" -> {
                ColdSpec old = known(specs.getFirst());
                add(specs.getLast());
                retire(old);
            }
            default ->
                    throw new CommandFailure(
                            SafeText.of(request.change()),
                            "no change of the pool is called so",
                            "use add, retire or replace");
        }
        return JsonNodeFactory.instance.objectNode();
    }

    /** The tier first: it refuses what cannot be a medium of this volume. */
    private void add(String text) throws IOException, CommandFailure {
        ColdSpec spec = parse(text);
        volume.tier().maintenance().addMedium(resolved(spec));
        List<String> specs = written();
        if (find(spec) == null) {
            specs.add(spec.toString());
            publish(specs);
        }
    }

    /** arc.json last: until then retiring it can be resumed. */
    private void retire(ColdSpec written) throws IOException, CommandFailure, InterruptedException {
        volume.tier().maintenance().retireMedium(resolved(written));
        List<String> specs = written();
        specs.remove(written.toString());
        publish(specs);
    }

    private void publish(List<String> specs) throws IOException {
        DescriptorEdit edit = DescriptorEdit.of(descriptor());
        edit.setCold(specs);
        edit.finish().publish();
    }

    private DescriptorFile descriptor() throws IOException {
        return DescriptorFile.read(volume.layout().descriptor());
    }

    private List<String> written() throws IOException {
        List<String> specs = new ArrayList<>();
        descriptor().descriptor().cold().forEach(spec -> specs.add(spec.toString()));
        return specs;
    }

    private String resolved(ColdSpec spec) {
        return spec.resolveIn(volume.layout().directory()).toString();
    }

    private ColdSpec known(String text) throws IOException, CommandFailure {
        ColdSpec found = find(parse(text));
        if (found == null) {
            throw new CommandFailure(
                    SafeText.of(text), "is no medium of this volume", "see arc media list");
        }
        return found;
    }

    /** The medium of arc.json at the same place, whatever its parameters. */
    private @Nullable ColdSpec find(ColdSpec wanted) throws IOException {
        Path place = wanted.resolveIn(volume.layout().directory()).path();
        for (ColdSpec spec : descriptor().descriptor().cold()) {
            if (spec.scheme().equals(wanted.scheme())
                    && spec.resolveIn(volume.layout().directory()).path().equals(place)) {
                return spec;
            }
        }
        return null;
    }

    private static ColdSpec parse(String text) throws CommandFailure {
        try {
            return ColdSpec.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    "cold medium '" + SafeText.of(text) + "'",
                    String.valueOf(e.getMessage()),
                    "for example dir:/mnt/disk");
        }
    }
}

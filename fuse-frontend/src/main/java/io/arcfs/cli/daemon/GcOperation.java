package io.arcfs.cli.daemon;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.overlay.round.GcRound;
import io.arcfs.overlay.round.Reclaim;
import io.arcfs.recovery.Volume;
import java.io.IOException;

/** Rewrites containers with few live bytes. Confined to the command's thread. */
final class GcOperation {
    private final Volume volume;

    GcOperation(Volume volume) {
        this.volume = volume;
    }

    ObjectNode run(ControlRequest.Gc request) throws IOException, InterruptedException {
        if (request.dryRun()) {
            return describe(volume.overlay().gcPlan(request.belowPercent()));
        }
        ObjectNode done = describe(volume.overlay().gc(request.belowPercent()));
        Reclaim.Outcome outcome = volume.overlay().giveBack();
        return done.put("givenBack", outcome.released().size())
                .put("givenBackBytes", outcome.bytes())
                .put("kept", outcome.kept().size());
    }

    private static ObjectNode describe(GcRound.Plan plan) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("containers", plan.containers().size())
                .put("copiedBytes", plan.copiedBytes())
                .put("recalledBytes", plan.recalledBytes())
                .put("freedBytes", plan.freedBytes())
                .put("deadBytes", plan.deadBytes());
    }
}

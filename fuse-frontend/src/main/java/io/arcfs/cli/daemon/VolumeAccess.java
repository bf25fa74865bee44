package io.arcfs.cli.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.control.ControlClient;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.Progress;
import io.arcfs.cli.recall.RecallCauses;
import io.arcfs.cli.status.MountState;
import io.arcfs.cli.status.StatusSnapshot;
import io.arcfs.recovery.Volume;
import java.util.List;
import java.util.Optional;

/**
 * Has a request done: by the daemon if the volume is mounted, in this process if not. Stateless.
 */
public final class VolumeAccess {
    private VolumeAccess() {}

    public static ObjectNode run(Target target, ControlRequest request, Progress progress)
            throws Exception {
        Optional<ControlClient> daemon = ControlClient.connect(target.volume());
        if (daemon.isPresent()) {
            try (ControlClient client = daemon.get()) {
                return client.call(request, progress);
            }
        }
        return runHere(target, request, progress);
    }

    private static ObjectNode runHere(Target target, ControlRequest request, Progress progress)
            throws Exception {
        // Refuses what is no volume before the log makes a folder in it.
        VolumeLog.start(Volume.checked(target.volume().directory()));
        MountState here = MountState.of(null, ProcessHandle.current().pid());
        try (Volume volume = Volume.open(target.volume().directory())) {
            ObjectNode result =
                    new VolumeOperations(volume, () -> here, new RecallCauses(List.of()))
                            .handle(request, progress);
            StatusSnapshot.keep(volume, MountState.IDLE, StatusSnapshot.Moment.CLOSED);
            return result;
        }
    }
}

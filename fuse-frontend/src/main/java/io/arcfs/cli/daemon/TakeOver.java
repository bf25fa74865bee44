package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.control.ControlClient;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.HandOverSocket;
import io.arcfs.fuse.HandOver;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The successor's side of a hand-over. Stateless. */
final class TakeOver {
    private static final long EXIT_SECONDS = 60;

    private TakeOver() {}

    /**
     * Asks the process that serves a volume for its mount, and waits until that process has ended:
     * only then are the volume's lock and sockets free.
     */
    static HandOver ask(VolumeLayout volume)
            throws CommandFailure, IOException, InterruptedException {
        OptionalLong holder = VolumeLock.holder(volume);
        ControlClient client =
                ControlClient.connect(volume)
                        .orElseThrow(() ->
                                new CommandFailure(
                                        SafeText.of(volume.directory()),
                                        "no process serves it",
                                        "mount it without --takeover"));
        HandOver received;
        try (client;
                HandOverSocket socket = HandOverSocket.listen(volume)) {
            // The state may be larger than a socket holds: it is read while the answer is awaited.
            var receiving = new FutureTask<>(socket::receive);
            Thread.ofPlatform().daemon(true).name("hand-over").start(receiving);
            client.call(new ControlRequest.HandOver(socket.path()), _ -> {});
            received = result(receiving);
        }
        if (holder.isPresent()) {
            awaitExit(holder.getAsLong());
        }
        return received;
    }

    private static HandOver result(FutureTask<HandOver> receiving)
            throws CommandFailure, IOException, InterruptedException {
        try {
            return receiving.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case CommandFailure failure -> throw failure;
                case IOException failure -> throw failure;
                case null, default -> throw new IOException("the mount did not arrive", e);
            }
        }
    }

    private static void awaitExit(long pid) throws CommandFailure, InterruptedException {
        try {
            var process = ProcessHandle.of(pid);
            if (process.isPresent()) {
                process.get().onExit().get(EXIT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new CommandFailure(
                    "process " + pid,
                    "handed its mount over but does not end",
                    "end it, then run: arc mount",
                    e);
        }
    }
}

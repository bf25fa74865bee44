package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.FailureText;
import io.arcfs.cli.control.ControlClient;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.Progress;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.status.MountState;
import io.arcfs.cli.status.StatusJson;
import io.arcfs.cli.status.StatusSnapshot;
import io.arcfs.cli.status.StatusText;
import io.arcfs.fuse.MountTable;
import io.arcfs.recovery.VolumeLock;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc status}: what a volume holds and does. Never opens, recovers or changes one. */
@Command(name = "status", description = "Show one volume, or every mounted one.")
final class StatusVerb extends Verb {
    private static final long WATCH_MILLIS = 2000;

    @Parameters(
            paramLabel = "TARGET",
            arity = "0..1",
            description = "volume directory or mountpoint; default every mounted volume")
    @Nullable String target;

    @Option(names = "--json", description = "print JSON: an object, or without TARGET an array")
    boolean json;

    @Option(names = "--watch", description = "show again every 2 seconds until interrupted")
    boolean watch;

    @Override
    void run() throws Exception {
        show();
        while (watch) {
            Thread.sleep(WATCH_MILLIS);
            if (!json) {
                out().print("\u001b[H\u001b[2J");
            }
            show();
        }
    }

    private void show() throws Exception {
        if (target != null) {
            print(statusOf(Target.of(target)));
            return;
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Target mounted : Target.mounted()) {
            all.add(statusOrProblem(mounted));
        }
        if (json) {
            out().println(all.toPrettyString());
        } else if (all.isEmpty()) {
            out().println("no arcfs volume is mounted");
            out().println("try: " + arc() + " up");
        } else {
            all.forEach(status -> out().println(StatusText.of(status)));
        }
        out().flush();
    }

    private void print(ObjectNode status) {
        out().println(json ? status.toPrettyString() : StatusText.of(status));
        out().flush();
    }

    /** One mount that cannot be asked does not hide the others. */
    private static ObjectNode statusOrProblem(Target target) {
        try {
            return statusOf(target);
        } catch (Exception e) {
            MountTable.Entry mount = target.mount();
            String where = mount == null ? null : mount.mountpoint();
            return StatusJson.ofUnreadable(
                    target.volume(),
                    MountState.of(where, null),
                    FailureText.line(FailureText.of(e, "status")));
        }
    }

    private static ObjectNode statusOf(Target target) throws Exception {
        Optional<ControlClient> daemon = ControlClient.connect(target.volume());
        if (daemon.isPresent()) {
            try (ControlClient client = daemon.get()) {
                return client.call(new ControlRequest.Status(), Progress.NONE);
            }
        }
        OptionalLong holder = VolumeLock.holder(target.volume());
        MountTable.Entry mount = target.mount();
        Long pid = holder.isPresent() ? Long.valueOf(holder.getAsLong()) : null;
        MountState state = MountState.of(mount == null ? null : mount.mountpoint(), pid);
        ObjectNode status = StatusSnapshot.read(target.volume(), state);
        if (holder.isPresent()) {
            status.put("state", "recovering");
        } else if (mount != null) {
            status.put("state", "degraded");
            status.withArray("problems")
                    .add(
                            "the mount is dead: its process ended; mount the volume again to"
                                    + " repair it");
        }
        return status;
    }
}

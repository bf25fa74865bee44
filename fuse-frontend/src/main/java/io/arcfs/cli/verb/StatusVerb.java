package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.FailureText;
import io.arcfs.cli.console.Console;
import io.arcfs.cli.console.RedrawnScreen;
import io.arcfs.cli.control.ControlClient;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.Progress;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.status.MountState;
import io.arcfs.cli.status.StatusJson;
import io.arcfs.cli.status.StatusSnapshot;
import io.arcfs.cli.status.StatusText;
import io.arcfs.fuse.MountTable;
import io.arcfs.posix.Terminal;
import io.arcfs.recovery.VolumeLock;
import java.util.List;
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
    private static final long RATE_MILLIS = 600;

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
        if (!watch) {
            out().println(json ? jsonNow().toPrettyString() : textNow(Console.of(Terminal.STDOUT)));
            out().flush();
            return;
        }
        RedrawnScreen screen = new RedrawnScreen(out(), () -> Console.of(Terminal.STDOUT));
        while (!screen.isClosed()) {
            if (json) {
                out().println(jsonNow());
                out().flush();
            } else {
                screen.show(textNow(Console.of(Terminal.STDOUT)));
            }
            Thread.sleep(WATCH_MILLIS);
        }
    }

    private JsonNode jsonNow() throws Exception {
        if (target != null) {
            return statusOf(Target.of(target));
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Target mounted : Target.mounted()) {
            all.add(statusOrProblem(mounted));
        }
        return all;
    }

    private String textNow(Console console) throws Exception {
        JsonNode now = jsonNow();
        if (!watch && hasWorkWithoutEta(now)) {
            // How fast it goes shows only at the second look.
            Thread.sleep(RATE_MILLIS);
            now = jsonNow();
        }
        if (now.isArray() && now.isEmpty()) {
            return "no arcfs volume is mounted\ntry: " + arc() + " up";
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode status : now.isArray() ? now : List.of(now)) {
            text.append(text.isEmpty() ? "" : "\n").append(StatusText.of(status, console.paint()));
        }
        return text.toString();
    }

    private static boolean hasWorkWithoutEta(JsonNode now) {
        for (JsonNode work :
                now.findValues("work").stream().flatMap(JsonNode::valueStream).toList()) {
            if (work.path("totalBytes").asLong() > 0 && work.path("etaSeconds").isNull()) {
                return true;
            }
        }
        return false;
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

package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc gc}: gives back what deleted files have left on the media. */
@Command(
        name = "gc",
        description = {
            "Rewrite containers of which little is needed any more, and give them back.",
            "Shows first what it costs."
        })
final class GcVerb extends Verb {
    @Parameters(index = "0", paramLabel = "TARGET", description = "volume directory or mountpoint")
    String target = "";

    @Option(
            names = "--below",
            paramLabel = "PERCENT",
            description = "empty containers of which less is needed; default ${DEFAULT-VALUE}",
            defaultValue = "50")
    int below;

    @Option(names = "--dry-run", description = "only show the cost")
    boolean dryRun;

    @Override
    void run() throws Exception {
        if (below < 0 || below > 100) {
            throw wrongArguments("--below " + below + " is not between 0 and 100 percent");
        }
        Target found = Target.of(target);
        JsonNode cost = VolumeAccess.run(found, new ControlRequest.Gc(below, true), progress());
        say(describe(cost));
        if (dryRun || cost.path("containers").asLong() == 0) {
            return;
        }
        JsonNode done = VolumeAccess.run(found, new ControlRequest.Gc(below, false), progress());
        if (found.mount() == null) {
            // Opened anew: nothing of the old state is alive then, and containers may go.
            VolumeAccess.run(found, new ControlRequest.Status(), progress());
            say("given back: " + Humane.bytes(cost.path("freedBytes").asLong()));
        } else {
            say(describeMounted(done));
        }
    }

    private static String describeMounted(JsonNode done) {
        long kept = done.path("kept").asLong();
        String rest = "given back by a gc after open files are closed, or at the next mount";
        if (done.path("givenBack").asLong() == 0) {
            return "rewritten; the old containers are " + rest;
        }
        String given = "given back: " + Humane.bytes(done.path("givenBackBytes").asLong());
        return kept == 0
                ? given
                : given + "; " + Humane.counted(kept, "container") + " more: " + rest;
    }

    private static String describe(JsonNode cost) {
        long containers = cost.path("containers").asLong();
        String dead =
                Humane.bytes(cost.path("deadBytes").asLong())
                        + " on the media are not needed any more";
        if (containers == 0) {
            return dead + "; nothing to gain by a rewrite";
        }
        return dead
                + "; "
                + Humane.counted(containers, "container")
                + " of "
                + Humane.bytes(cost.path("freedBytes").asLong())
                + " can be given back by writing "
                + Humane.bytes(cost.path("copiedBytes").asLong())
                + " anew, "
                + Humane.bytes(cost.path("recalledBytes").asLong())
                + " of it recalled";
    }
}

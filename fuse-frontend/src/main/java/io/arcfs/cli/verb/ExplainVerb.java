package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.control.Progress;
import io.arcfs.cli.daemon.MountedPath;
import io.arcfs.cli.daemon.VolumeAccess;
import io.arcfs.cli.explain.ExplainText;
import io.arcfs.recovery.SafeText;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc explain}: where the bytes of files are. Touches no medium. */
@Command(
        name = "explain",
        description = "Tell where files are and what bringing them to the SSD would cost.")
final class ExplainVerb extends Verb {
    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "files or directories of a mounted volume")
    List<String> paths = new ArrayList<>();

    @Option(names = "--json", description = "print JSON: an array with an object per PATH")
    boolean json;

    @Override
    void run() throws Exception {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (String path : paths) {
            MountedPath place = MountedPath.of(path);
            ObjectNode result =
                    VolumeAccess.run(
                            place.target(),
                            new ControlRequest.Explain(List.of(place.fromRoot())),
                            Progress.NONE);
            JsonNode one = result.path("files").path(0);
            if (json) {
                all.add(one);
            } else {
                out().print(ExplainText.of(one, SafeText.of(path)));
            }
        }
        if (json) {
            out().println(all.toPrettyString());
        }
        out().flush();
    }
}

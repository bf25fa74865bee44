package io.arcfs.cli.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.ByteArguments;
import io.arcfs.overlay.Overlay;
import io.arcfs.overlay.Residence;
import io.arcfs.recovery.SafeText;
import io.arcfs.tier.RecallEstimate;
import java.io.IOException;

/**
 * One object per path of {@code arc explain --json}; its fields are a contract and are only ever
 * added to. Stateless.
 */
public final class ExplainJson {
    private ExplainJson() {}

    /**
     * Adds what is known of a path.
     *
     * @param path from the volume's root
     */
    public static void add(ArrayNode list, Overlay overlay, byte[] path) throws IOException {
        Residence residence = overlay.residence(path);
        ObjectNode json =
                list.addObject()
                        .put("path", SafeText.of(ByteArguments.textOf(path)))
                        .put("state", residence.state().word())
                        .put("files", residence.files())
                        .put("sizeBytes", residence.sizeBytes())
                        .put("upperBytes", residence.upperBytes())
                        .put("archivedBytes", residence.archivedBytes());
        RecallEstimate recall = residence.recall();
        if (recall == null) {
            json.putNull("recall");
            return;
        }
        json.putObject("recall")
                .put("objects", recall.objects())
                .put("coldObjects", recall.coldObjects())
                .put("coldBytes", recall.coldBytes())
                .put("containers", recall.containers())
                .put("mounts", recall.media().size())
                .put("unreachableObjects", recall.unreachable())
                .put("seconds", recall.time().toMillis() / 1000.0);
        ArrayNode media = json.withObject("recall").putArray("media");
        recall.media().forEach(media::add);
    }
}

package io.arcfs.cli.status;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.control.ControlCodec;
import io.arcfs.posix.AtomicPublish;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeDescriptor;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The figures of a volume as they were when it was last open, in VOLUME/status.json, so that status
 * can tell something of an idle volume without opening it. Nothing but status reads it; losing it
 * loses nothing. Stateless.
 */
public final class StatusSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(StatusSnapshot.class);
    private static final int MAX_BYTES = 4 << 20;

    private StatusSnapshot() {}

    /** Whether the volume is still open after this snapshot. */
    public enum Moment {
        OPEN,
        CLOSED
    }

    /**
     * Keeps the figures of an open volume; failing to is no failure of anything, so it is only
     * logged.
     */
    public static void keep(Volume volume, MountState mount, Moment moment) {
        try {
            write(volume.layout(), StatusJson.of(volume, mount), moment);
        } catch (IOException e) {
            LOG.warn("status snapshot not written reason={}", e.toString());
        }
    }

    private static void write(VolumeLayout layout, ObjectNode status, Moment moment)
            throws IOException {
        ObjectNode json = new ControlCodec().object();
        json.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.put("closed", moment == Moment.CLOSED);
        json.set("status", status);
        AtomicPublish.publish(
                layout.statusSnapshot(), (json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The status of a volume that nobody serves, changing nothing.
     *
     * @param mount how it is reached, as far as is known
     */
    public static ObjectNode read(VolumeLayout layout, MountState mount) throws IOException {
        VolumeDescriptor descriptor = DescriptorFile.read(layout.descriptor()).descriptor();
        ObjectNode fallback = StatusJson.ofDescriptor(layout, descriptor, mount);
        ObjectNode snapshot = readFile(layout);
        if (snapshot == null
                || !(snapshot.get("status") instanceof ObjectNode status)
                || !descriptor.uuid().toString().equals(status.path("uuid").asText())) {
            problem(fallback, "no figures are known until the volume is mounted");
            return fallback;
        }
        boolean closed = snapshot.path("closed").asBoolean(false);
        // The volume may have been moved; what is open now is known better than by the snapshot.
        status.put("volume", layout.directory().toString());
        StatusJson.putMount(status, mount);
        if (!status.path("state").asText().equals("degraded")) {
            status.put("state", "idle");
        }
        status.put("handles", 0);
        if (status.get("work") instanceof ArrayNode work) {
            work.removeAll();
        }
        if (!closed) {
            problem(
                    status,
                    "was not closed cleanly: the next mount recovers it; figures are of "
                            + snapshot.path("at").asText());
        }
        return status;
    }

    private static @Nullable ObjectNode readFile(VolumeLayout layout) throws IOException {
        if (!Files.isRegularFile(layout.statusSnapshot())
                || Files.size(layout.statusSnapshot()) > MAX_BYTES) {
            return null;
        }
        try {
            return new ControlCodec().parse(Files.readString(layout.statusSnapshot()));
        } catch (ControlCodec.BadMessageException | CharacterCodingException e) {
            return null;
        }
    }

    private static void problem(ObjectNode status, String text) {
        if (status.get("problems") instanceof ArrayNode problems) {
            problems.add(text);
        }
    }
}

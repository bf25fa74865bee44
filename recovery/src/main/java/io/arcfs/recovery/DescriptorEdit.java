package io.arcfs.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor being made or changed, by dotted key. Nothing is checked until {@link #finish},
 * which checks everything. Confined to one thread.
 */
public final class DescriptorEdit {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|[1-9][0-9]{0,18}");
    private static final String DEFAULT_COLD = "dir:cold";

    /** Lists also where a volume does not have them yet. */
    private static final Set<String> LISTS = Set.of("cold", "recall.refuse");

    private final Path file;
    private final ObjectNode tree;

    private DescriptorEdit(Path file, ObjectNode tree) {
        this.file = file;
        this.tree = tree;
    }

    /** A new volume's descriptor with every key and its default. */
    public static DescriptorEdit forNewVolume(Path file, UUID uuid, Instant created) {
        ObjectNode tree = DescriptorFile.mapper().createObjectNode();
        tree.put("formatVersion", VolumeDescriptor.FORMAT_VERSION);
        tree.put("uuid", uuid.toString());
        tree.put("created", created.truncatedTo(ChronoUnit.SECONDS).toString());
        Geometry shape = Geometry.DEFAULT;
        tree.putObject("geometry")
                .put("blockBytes", shape.blockBytes())
                .put("chunkBytes", shape.chunkBytes())
                .put("objectBytes", shape.objectBytes())
                .put("dataBytes", shape.dataBytes())
                .put("containerBytes", shape.containerBytes())
                .put("containers", shape.containers());
        tree.putArray("cold").add(DEFAULT_COLD);
        tree.put("copies", 1);
        tree.putObject("archive")
                .put("threshold", "475M")
                .put("maxAge", "0s")
                .put("onUnmount", false);
        tree.putObject("merge").put("layers", 4).put("policy", "base");
        tree.putObject("ssd").put("limit", 0).put("fullTimeout", "60s");
        tree.putObject("heads")
                .put("head", "256K")
                .put("tail", "64K")
                .put("index", "16M")
                .put("share", 10)
                .putArray("names");
        tree.put("overwrite", "deny");
        tree.put("device", "auto");
        tree.putObject("limits").put("maxMounts", 16);
        ArrayNode refuse = tree.putObject("recall").putArray("refuse");
        VolumeDescriptor.Recall.DEFAULT.refuse().forEach(refuse::add);
        tree.putObject("metrics").put("listen", "off");
        return new DescriptorEdit(file, tree);
    }

    /** A copy of a volume's descriptor to change. */
    public static DescriptorEdit of(DescriptorFile current) {
        return new DescriptorEdit(current.path(), current.tree().deepCopy());
    }

    /**
     * Sets a value written as text: true, false and whole numbers are what they look like, a list
     * is separated by commas, everything else is a string.
     */
    public void set(String dottedKey, String text) throws DescriptorException {
        String[] names = dottedKey.split("\\.", -1);
        ObjectNode parent = tree;
        for (int i = 0; i < names.length - 1; i++) {
            JsonNode child = parent.get(names[i]);
            if (child == null) {
                parent = parent.putObject(names[i]);
            } else if (child instanceof ObjectNode object) {
                parent = object;
            } else {
                throw new DescriptorException(file, "no key " + SafeText.shortened(dottedKey, 80));
            }
        }
        String name = names[names.length - 1];
        JsonNode current = parent.get(name);
        if (current instanceof ObjectNode) {
            throw new DescriptorException(
                    file, SafeText.shortened(dottedKey, 80) + " holds keys: name one of them");
        }
        parent.set(name, valueOf(text, LISTS.contains(dottedKey) ? tree.arrayNode() : current));
    }

    /** Names the cold media. */
    public void setCold(List<String> specs) {
        ArrayNode list = tree.putArray("cold");
        specs.forEach(list::add);
    }

    /** Makes the device as large as whole containers allow within {@code deviceBytes}. */
    public void setDeviceBytes(long deviceBytes) throws IOException {
        Geometry shape = finish().descriptor().geometry();
        long containers = deviceBytes / shape.containerBytes();
        if (containers < 1 || containers > Integer.MAX_VALUE) {
            throw new DescriptorException(
                    file,
                    "a device of "
                            + SizeText.format(deviceBytes)
                            + " holds no whole number of containers of "
                            + SizeText.format(shape.containerBytes())
                            + " that is possible");
        }
        ((ObjectNode) tree.get("geometry")).put("containers", (int) containers);
    }

    /** The edited descriptor, valid; nothing is written yet. */
    public DescriptorFile finish() throws IOException {
        return DescriptorFile.of(file, tree);
    }

    /** The tree as it stands, unchecked. */
    String treeText() {
        return tree.toString();
    }

    private JsonNode valueOf(String text, @Nullable JsonNode current) {
        if (current instanceof ArrayNode) {
            ArrayNode list = tree.arrayNode();
            for (String element : text.isEmpty() ? new String[0] : text.split(",", -1)) {
                list.add(element);
            }
            return list;
        }
        if (text.equals("true") || text.equals("false")) {
            return tree.booleanNode(text.equals("true"));
        }
        if (WHOLE_NUMBER.matcher(text).matches()) {
            try {
                return tree.numberNode(Long.parseLong(text));
            } catch (NumberFormatException e) {
                return tree.textNode(text);
            }
        }
        return tree.textNode(text);
    }
}

package io.arcfs.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An object of the descriptor that is read key by key, each with its type and range, and no
 * coercion between types. Confined to the reading thread.
 */
final class JsonSection {
    private final Path file;
    private final String path;
    private final ObjectNode node;

    private JsonSection(Path file, String path, ObjectNode node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    /**
     * @param keys every key the object may have
     */
    static JsonSection of(Path file, String path, JsonNode node, Set<String> keys)
            throws DescriptorException {
        if (!(node instanceof ObjectNode object)) {
            throw new DescriptorException(
                    file,
                    (path.isEmpty() ? "the document" : path)
                            + " is "
                            + shown(node)
                            + ": must be an object");
        }
        JsonSection section = new JsonSection(file, path, object);
        for (var names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!keys.contains(name)) {
                throw new DescriptorException(
                        file,
                        "unknown key "
                                + SafeText.shortened(section.pathOf(name), 80)
                                + ": known here are "
                                + keys.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
        return section;
    }

    JsonSection section(String key, Set<String> keys) throws DescriptorException {
        JsonNode child = node.get(key);
        return of(file, pathOf(key), child == null ? node.objectNode() : child, keys);
    }

    boolean has(String key) {
        return node.has(key);
    }

    /** The value of a key that must be there. */
    JsonNode required(String key) throws DescriptorException {
        JsonNode value = node.get(key);
        if (value == null) {
            throw new DescriptorException(file, "missing key " + pathOf(key));
        }
        return value;
    }

    String text(String key, String form) throws DescriptorException {
        JsonNode value = required(key);
        if (!value.isTextual()) {
            throw refuse(key, "must be " + form);
        }
        return value.textValue();
    }

    List<String> texts(String key, String form) throws DescriptorException {
        if (required(key).isEmpty()) {
            throw refuse(key, "must be a list with at least one of " + form);
        }
        return textsOrNone(key, form);
    }

    /** A list that may be empty. */
    List<String> textsOrNone(String key, String form) throws DescriptorException {
        JsonNode value = required(key);
        if (!value.isArray()) {
            throw refuse(key, "must be a list of " + form);
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            if (!element.isTextual()) {
                throw new DescriptorException(
                        file,
                        "%s[%d] is %s: must be %s"
                                .formatted(pathOf(key), texts.size(), shown(element), form));
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    int integer(String key, int otherwise, int min, int max) throws DescriptorException {
        JsonNode value = node.get(key);
        if (value == null) {
            return otherwise;
        }
        // An integer of any length: 2^64 must be refused as out of range, not wrap.
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < min
                || value.intValue() > max) {
            throw refuse(key, "must be a whole number from " + min + " to " + max);
        }
        return value.intValue();
    }

    long sizeBytes(String key, long otherwise, long min, long max) throws DescriptorException {
        JsonNode value = node.get(key);
        if (value == null) {
            return otherwise;
        }
        long bytes;
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            bytes = value.longValue();
        } else if (value.isTextual()) {
            try {
                bytes = SizeText.parse(value.textValue());
            } catch (IllegalArgumentException e) {
                throw refuse(key, reason(e));
            }
        } else {
            throw refuse(key, "must be " + SizeText.FORM);
        }
        if (bytes < min || bytes > max) {
            throw refuse(
                    key, "must be from " + SizeText.format(min) + " to " + SizeText.format(max));
        }
        return bytes;
    }

    Duration duration(String key, Duration otherwise) throws DescriptorException {
        JsonNode value = node.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.isTextual()) {
            throw refuse(key, "must be " + DurationText.FORM);
        }
        try {
            return DurationText.parse(value.textValue());
        } catch (IllegalArgumentException e) {
            throw refuse(key, reason(e));
        }
    }

    boolean flag(String key, boolean otherwise) throws DescriptorException {
        JsonNode value = node.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw refuse(key, "must be true or false");
        }
        return value.booleanValue();
    }

    /** One of an enum's constants by its name in lower case. */
    <E extends Enum<E>> E choice(String key, E otherwise) throws DescriptorException {
        JsonNode value = node.get(key);
        if (value == null) {
            return otherwise;
        }
        E[] constants = otherwise.getDeclaringClass().getEnumConstants();
        for (E constant : constants) {
            if (value.isTextual() && nameOf(constant).equals(value.textValue())) {
                return constant;
            }
        }
        throw refuse(
                key,
                "must be one of "
                        + Arrays.stream(constants)
                                .map(c -> "\"" + nameOf(c) + "\"")
                                .collect(Collectors.joining(", ")));
    }

    static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    DescriptorException refuse(String key, String why) {
        return new DescriptorException(
                file, pathOf(key) + " is " + shown(node.get(key)) + ": " + why);
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String shown(@Nullable JsonNode value) {
        return value == null ? "missing" : SafeText.shortened(value.toString(), 60);
    }

    static String reason(IllegalArgumentException e) {
        String message = e.getMessage();
        return message == null ? "is not allowed" : message;
    }
}

package io.arcfs.recovery;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.posix.AtomicPublish;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * arc.json on disk: read with bounds before anything is believed, published atomically. Immutable.
 *
 * @param bytes the file as it stands; goes into container footers
 * @param tree the same as JSON, for edits
 * @param descriptor the same, valid
 */
public record DescriptorFile(
        Path path, byte[] bytes, ObjectNode tree, VolumeDescriptor descriptor) {
    /** Far more than any descriptor needs; refused before it is parsed. */
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 16;
    private static final int MAX_STRING_CHARS = 1 << 16;
    private static final int MAX_NAME_CHARS = 1 << 10;
    private static final int MAX_NUMBER_CHARS = 40;

    /** Reads and validates. */
    public static DescriptorFile read(Path path) throws IOException {
        byte[] bytes = readBounded(path);
        return parse(path, bytes);
    }

    /** Validates a tree and gives the bytes that would be published. */
    static DescriptorFile of(Path path, ObjectNode tree) throws IOException {
        byte[] json = mapper().writeValueAsBytes(tree);
        byte[] bytes = Arrays.copyOf(json, json.length + 1);
        bytes[json.length] = '\n';
        return parse(path, bytes);
    }

    /** Makes this the file's content, durably, or leaves it as it was. */
    public void publish() throws IOException {
        AtomicPublish.publish(path, bytes);
    }

    /** Validates bytes that are to become the file. */
    public static DescriptorFile parse(Path path, byte[] bytes) throws DescriptorException {
        String text = decode(path, bytes);
        if (text.isBlank()) {
            throw new DescriptorException(path, "is empty: must be an object");
        }
        JsonNode tree;
        try {
            tree = mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new DescriptorException(path, "is no valid JSON: " + problemOf(e));
        }
        VolumeDescriptor descriptor = DescriptorReader.read(path, tree);
        return new DescriptorFile(path, bytes, (ObjectNode) tree, descriptor);
    }

    /** The mapper for descriptors: strict where Jackson is lenient, bounded everywhere. */
    static JsonMapper mapper() {
        JsonMapper mapper =
                JsonMapper.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build();
        mapper.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxStringLength(MAX_STRING_CHARS)
                                .maxNameLength(MAX_NAME_CHARS)
                                .maxNumberLength(MAX_NUMBER_CHARS)
                                .build());
        return mapper;
    }

    private static byte[] readBounded(Path path) throws IOException {
        // Asked first: opening a FIFO would wait for ever.
        if (!Files.isRegularFile(path)) {
            throw new DescriptorException(path, whyNotAFile(path));
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new DescriptorException(path, "vanished while it was opened");
        } catch (AccessDeniedException e) {
            throw new DescriptorException(path, "may not be read: permission denied");
        }
        if (bytes.length > MAX_BYTES) {
            throw new DescriptorException(path, "is larger than " + SizeText.format(MAX_BYTES));
        }
        return bytes;
    }

    private static String whyNotAFile(Path path) {
        if (Files.isDirectory(path)) {
            return "is a directory: must be a file";
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return "does not exist";
        }
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            return "is a symbolic link to nothing";
        }
        return "is no regular file";
    }

    private static String decode(Path path, byte[] bytes) throws DescriptorException {
        if (bytes.length >= 3
                && bytes[0] == (byte) 0xEF
                && bytes[1] == (byte) 0xBB
                && bytes[2] == (byte) 0xBF) {
            throw new DescriptorException(path, "begins with a byte order mark: remove it");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new DescriptorException(path, "is not UTF-8");
        }
    }

    private static String problemOf(JsonProcessingException e) {
        String problem = SafeText.shortened(e.getOriginalMessage(), 160);
        JsonLocation place = e.getLocation();
        if (place == null || place.getLineNr() < 0) {
            return problem;
        }
        return "line " + place.getLineNr() + ", column " + place.getColumnNr() + ": " + problem;
    }
}

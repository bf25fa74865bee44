package io.arcfs.cli.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.CommandFailure;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The lines of the control socket.
 *
 * <pre>
 * request   {"verb":"merge","all":true}
 * progress  {"progress":{"kind":"build","subject":"arc_03","doneBytes":4096,"totalBytes":8192}}
 * result    {"result":{...}}
 * failure   {"failure":{"what":"...","why":"...","remedy":"..."}}
 * </pre>
 *
 * Names of files inside the volume are bytes and travel as base64. Thread-safe.
 */
public final class ControlCodec {
    /** A line longer than this is nobody's request. */
    static final int MAX_LINE_BYTES = 8 << 20;

    private static final int MAX_DEPTH = 32;

    private final JsonMapper mapper = new JsonMapper();

    public ControlCodec() {
        mapper.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxStringLength(MAX_LINE_BYTES)
                                .build());
    }

    public ObjectNode object() {
        return mapper.createObjectNode();
    }

    /**
     * @throws BadMessageException if the line is no JSON object
     */
    public ObjectNode parse(String line) throws BadMessageException {
        try {
            if (mapper.readTree(line) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new BadMessageException("no JSON: " + e.getOriginalMessage());
        }
        throw new BadMessageException("not a JSON object");
    }

    ObjectNode write(ControlRequest request) {
        ObjectNode json = object();
        switch (request) {
            case ControlRequest.Status _ -> json.put("verb", "status");
            case ControlRequest.Archive _ -> json.put("verb", "archive");
            case ControlRequest.Merge merge -> json.put("verb", "merge").put("all", merge.all());
            case ControlRequest.Flush _ -> json.put("verb", "flush");
            case ControlRequest.Evict evict -> putPaths(json.put("verb", "evict"), evict.paths());
            case ControlRequest.Recall recall ->
                    putPaths(json.put("verb", "recall"), recall.paths());
            case ControlRequest.Pin pin ->
                    putPaths(json.put("verb", "pin").put("keep", pin.keep()), pin.paths());
            case ControlRequest.Verify verify ->
                    putPaths(
                            json.put("verb", "verify")
                                    .put("repair", verify.repair())
                                    .put("mostSeconds", verify.mostSeconds()),
                            verify.paths());
            case ControlRequest.Gc gc ->
                    json.put("verb", "gc")
                            .put("belowPercent", gc.belowPercent())
                            .put("dryRun", gc.dryRun());
            case ControlRequest.Media media -> {
                ArrayNode specs =
                        json.put("verb", "media").put("change", media.change()).putArray("specs");
                media.specs().forEach(specs::add);
            }
            case ControlRequest.Explain explain ->
                    putPaths(json.put("verb", "explain"), explain.paths());
            case ControlRequest.Dump dump ->
                    json.put("verb", "dump").put("file", dump.file().toString());
            case ControlRequest.HandOver handOver ->
                    json.put("verb", "handover").put("socket", handOver.socket().toString());
            case ControlRequest.Unmount _ -> json.put("verb", "unmount");
        }
        return json;
    }

    ControlRequest readRequest(ObjectNode json) throws BadMessageException {
        String verb = json.path("verb").asText("");
        return switch (verb) {
            case "status" -> new ControlRequest.Status();
            case "archive" -> new ControlRequest.Archive();
            case "merge" -> new ControlRequest.Merge(json.path("all").asBoolean(false));
            case "flush" -> new ControlRequest.Flush();
            case "evict" -> new ControlRequest.Evict(readPaths(json.path("paths")));
            case "recall" -> new ControlRequest.Recall(readPaths(json.path("paths")));
            case "pin" ->
                    new ControlRequest.Pin(
                            readPaths(json.path("paths")), json.path("keep").asBoolean(true));
            case "verify" ->
                    new ControlRequest.Verify(
                            readPaths(json.path("paths")),
                            json.path("repair").asBoolean(false),
                            json.path("mostSeconds").asLong(0));
            case "gc" ->
                    new ControlRequest.Gc(
                            json.path("belowPercent").asInt(50),
                            json.path("dryRun").asBoolean(false));
            case "media" ->
                    new ControlRequest.Media(
                            json.path("change").asText(""), readTexts(json.path("specs")));
            case "explain" -> new ControlRequest.Explain(readPaths(json.path("paths")));
            case "dump" -> new ControlRequest.Dump(readPath(json.path("file").asText("")));
            case "handover" ->
                    new ControlRequest.HandOver(readPath(json.path("socket").asText("")));
            case "unmount" -> new ControlRequest.Unmount();
            default -> throw new BadMessageException("unknown verb " + verb);
        };
    }

    private static void putPaths(ObjectNode json, List<byte[]> paths) {
        ArrayNode list = json.putArray("paths");
        paths.forEach(path -> list.add(Base64.getEncoder().encodeToString(path)));
    }

    private static List<byte[]> readPaths(JsonNode list) throws BadMessageException {
        List<byte[]> paths = new ArrayList<>();
        for (JsonNode element : list) {
            try {
                paths.add(Base64.getDecoder().decode(element.asText("")));
            } catch (IllegalArgumentException e) {
                throw new BadMessageException("a path is no base64");
            }
        }
        return paths;
    }

    private static List<String> readTexts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(element -> texts.add(element.asText("")));
        return texts;
    }

    private static Path readPath(String text) throws BadMessageException {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new BadMessageException("no path: " + e.getReason());
        }
        throw new BadMessageException("the path is not absolute");
    }

    ObjectNode progress(Progress.Step step) {
        ObjectNode json = object();
        json.putObject("progress")
                .put("kind", step.kind())
                .put("subject", step.subject())
                .put("doneBytes", step.doneBytes())
                .put("totalBytes", step.totalBytes());
        return json;
    }

    static Progress.Step readStep(JsonNode json) {
        return new Progress.Step(
                json.path("kind").asText(""),
                json.path("subject").asText(""),
                json.path("doneBytes").asLong(),
                json.path("totalBytes").asLong());
    }

    ObjectNode failure(CommandFailure failure) {
        ObjectNode json = object();
        json.putObject("failure")
                .put("what", failure.what())
                .put("why", failure.why())
                .put("remedy", failure.remedy());
        return json;
    }

    static CommandFailure readFailure(JsonNode json) {
        return new CommandFailure(
                json.path("what").asText(""),
                json.path("why").asText(""),
                json.path("remedy").asText(""));
    }

    /** A line of the socket that does not follow the protocol. */
    public static final class BadMessageException extends Exception {
        private static final long serialVersionUID = 1L;

        BadMessageException(String problem) {
            super(problem);
        }
    }
}

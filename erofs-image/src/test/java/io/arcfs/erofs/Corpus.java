package io.arcfs.erofs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * The vectors of it-tests/corpus/erofs: images of mkfs.erofs with what the kernel shows of them.
 */
public final class Corpus {
    public static final Path ROOT = Path.of("..", "it-tests", "corpus", "erofs");

    private static final ObjectMapper JSON = new ObjectMapper();

    private Corpus() {}

    public static byte[] bytes(String file) throws IOException {
        Path plain = ROOT.resolve(file);
        if (Files.exists(plain)) {
            return Files.readAllBytes(plain);
        }
        try (InputStream packed =
                new GZIPInputStream(Files.newInputStream(ROOT.resolve(file + ".gz")))) {
            return packed.readAllBytes();
        }
    }

    public static boolean has(String file) {
        return Files.exists(ROOT.resolve(file)) || Files.exists(ROOT.resolve(file + ".gz"));
    }

    public static JsonNode json(String file) throws IOException {
        return JSON.readTree(bytes(file));
    }

    /** Image {@code number} of a vector. */
    public static ErofsImage image(String vector, int number) throws IOException {
        return ErofsImage.of(
                MemorySegment.ofArray(bytes(vector + "/meta.%02d".formatted(number))),
                vector + "/meta.%02d".formatted(number));
    }

    /** The blob of image {@code number}, if there is one; the only device of such an image. */
    public static List<byte[]> blob(String vector, int number) throws IOException {
        String blob = vector + "/blob.%02d".formatted(number);
        return has(blob) ? List.of(bytes(blob)) : List.of();
    }

    /** Single images, by name. */
    public static List<String> singleImages() {
        try (var list = Files.list(ROOT)) {
            return list.map(path -> path.getFileName().toString())
                    .filter(name -> has(name + "/expected.json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static DeviceReader devices(List<byte[]> blobs) {
        return (device, address, target) ->
                target.copyFrom(
                        MemorySegment.ofArray(blobs.get(device - 1))
                                .asSlice(address, target.byteSize()));
    }

    /** What the kernel showed, in the words of {@link Listing}. */
    public static Map<String, String> expected(String file) throws IOException {
        Map<String, String> listing = new TreeMap<>();
        for (JsonNode entry : json(file).get("entries")) {
            String path =
                    entry.has("path_b64")
                            ? new String(
                                    Base64.getDecoder().decode(entry.get("path_b64").asText()),
                                    StandardCharsets.ISO_8859_1)
                            : new String(
                                    entry.get("path").asText().getBytes(StandardCharsets.UTF_8),
                                    StandardCharsets.ISO_8859_1);
            listing.put(path, describe(entry));
        }
        return listing;
    }

    private static String describe(JsonNode entry) throws IOException {
        String type = entry.get("type").asText();
        List<String> words = new ArrayList<>();
        words.add(type);
        words.add(String.format("%04o", Integer.parseInt(entry.get("mode").asText(), 8)));
        words.add(entry.get("uid").asLong() + ":" + entry.get("gid").asLong());
        words.add(
                "mtime=%d.%09d"
                        .formatted(entry.get("mtime").asLong(), entry.get("mtime_ns").asInt()));
        if (!type.equals("dir")) {
            words.add("nlink=" + entry.get("nlink").asLong());
        }
        if (entry.has("sha256")) {
            words.add(
                    Listing.content(
                            entry.get("size").asLong(), () -> entry.get("sha256").asText()));
        }
        if (entry.has("target")) {
            words.add("->" + entry.get("target").asText());
        }
        if (entry.has("rdev")) {
            words.add("rdev=%s,%s".formatted(entry.get("rdev").get(0), entry.get("rdev").get(1)));
        }
        if (entry.has("xattrs")) {
            Map<String, String> xattrs = new TreeMap<>();
            entry.get("xattrs")
                    .properties()
                    .forEach(x -> xattrs.put(x.getKey(), x.getValue().asText()));
            words.add(xattrs.toString());
        }
        return String.join(" ", words);
    }
}

package io.arcfs.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadSettings;
import java.math.BigInteger;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads a JSON tree as a descriptor: every key known, of its type, in its range, and all of them
 * together possible (R3). Stateless.
 */
final class DescriptorReader {
    private static final Set<String> ROOT_KEYS =
            Set.of(
                    "formatVersion",
                    "uuid",
                    "created",
                    "geometry",
                    "cold",
                    "copies",
                    "archive",
                    "merge",
                    "ssd",
                    "heads",
                    "overwrite",
                    "device",
                    "limits",
                    "recall",
                    "metrics");
    private static final Set<String> GEOMETRY_KEYS =
            Set.of(
                    "blockBytes",
                    "chunkBytes",
                    "objectBytes",
                    "dataBytes",
                    "containerBytes",
                    "containers");
    private static final Pattern UUID_FORM =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern PROGRAM_FORM = Pattern.compile("[^/,\\p{Cntrl}]{1,255}");
    private static final long MAX_BYTES = 1L << 60;
    private static final long MAX_HEAD_BYTES = 1L << 30;
    private static final int MAX_MEDIA = 64;

    private DescriptorReader() {}

    static VolumeDescriptor read(Path file, JsonNode tree) throws DescriptorException {
        // The version first: a newer format may have keys that this code rightly does not know.
        JsonNode version = tree.get("formatVersion");
        if (version != null
                && version.isIntegralNumber()
                && !version.bigIntegerValue().equals(BigInteger.ONE)) {
            throw new DescriptorException(
                    file,
                    "formatVersion is "
                            + SafeText.shortened(version.toString(), 20)
                            + ": this arcfs reads version "
                            + VolumeDescriptor.FORMAT_VERSION);
        }
        JsonSection root = JsonSection.of(file, "", tree, ROOT_KEYS);
        root.required("formatVersion");
        List<ColdSpec> cold = cold(file, root);
        VolumeDescriptor.Device device = root.choice("device", VolumeDescriptor.Device.AUTO);
        return new VolumeDescriptor(
                root.integer("formatVersion", 1, 1, 1),
                uuid(root),
                created(root),
                geometry(file, root),
                cold,
                copies(root, cold),
                archive(root),
                merge(root),
                ssd(root),
                heads(root),
                root.choice("overwrite", VolumeDescriptor.Overwrite.DENY),
                device,
                limits(root),
                recall(root),
                metrics(root));
    }

    private static UUID uuid(JsonSection root) throws DescriptorException {
        String form = "a UUID of lower-case hexadecimal digits";
        String text = root.text("uuid", form);
        if (!UUID_FORM.matcher(text).matches()) {
            throw root.refuse("uuid", "must be " + form);
        }
        return UUID.fromString(text);
    }

    private static Instant created(JsonSection root) throws DescriptorException {
        String form = "a time such as 2026-01-31T12:00:00Z";
        try {
            return Instant.parse(root.text("created", form));
        } catch (DateTimeException e) {
            throw root.refuse("created", "must be " + form);
        }
    }

    private static Geometry geometry(Path file, JsonSection root) throws DescriptorException {
        root.required("geometry");
        JsonSection section = root.section("geometry", GEOMETRY_KEYS);
        for (String key : GEOMETRY_KEYS.stream().sorted().toList()) {
            // The shape never falls back on a default: that could change under a volume.
            section.required(key);
        }
        try {
            return new Geometry(
                    Math.toIntExact(section.sizeBytes("blockBytes", 0, 0, Integer.MAX_VALUE)),
                    Math.toIntExact(section.sizeBytes("chunkBytes", 0, 0, Integer.MAX_VALUE)),
                    Math.toIntExact(section.sizeBytes("objectBytes", 0, 0, Integer.MAX_VALUE)),
                    section.sizeBytes("dataBytes", 0, 0, MAX_BYTES),
                    section.sizeBytes("containerBytes", 0, 0, MAX_BYTES),
                    section.integer("containers", 0, 1, Integer.MAX_VALUE));
        } catch (IllegalArgumentException e) {
            throw new DescriptorException(file, JsonSection.reason(e));
        }
    }

    private static List<ColdSpec> cold(Path file, JsonSection root) throws DescriptorException {
        Path volume = volumeOf(file);
        List<ColdSpec> specs = new ArrayList<>();
        List<Path> places = new ArrayList<>();
        for (String text : root.texts("cold", ColdSpec.FORM)) {
            ColdSpec spec;
            try {
                spec = ColdSpec.parse(text);
            } catch (IllegalArgumentException e) {
                throw refuseCold(file, specs.size(), text, JsonSection.reason(e));
            }
            Path place = spec.resolveIn(volume).path();
            if (places.contains(place)) {
                throw refuseCold(file, specs.size(), text, "is the same place as another medium");
            }
            if (clashes(volume, place)) {
                throw refuseCold(
                        file, specs.size(), text, "is a place that the volume itself uses");
            }
            specs.add(spec);
            places.add(place);
        }
        if (specs.size() > MAX_MEDIA) {
            throw new DescriptorException(
                    file, "cold has " + specs.size() + " media: must be at most " + MAX_MEDIA);
        }
        return List.copyOf(specs);
    }

    private static Path volumeOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    private static boolean clashes(Path volume, Path place) {
        if (place.equals(volume)) {
            return true;
        }
        return place.startsWith(volume)
                && VolumeLayout.RESERVED.contains(place.getName(volume.getNameCount()).toString());
    }

    private static DescriptorException refuseCold(Path file, int index, String text, String why) {
        return new DescriptorException(
                file, "cold[" + index + "] is \"" + SafeText.shortened(text, 60) + "\": " + why);
    }

    private static int copies(JsonSection root, List<ColdSpec> cold) throws DescriptorException {
        int copies = root.integer("copies", 1, 1, MAX_MEDIA);
        if (copies > cold.size()) {
            throw root.refuse("copies", "must be at most the number of cold media, " + cold.size());
        }
        return copies;
    }

    private static VolumeDescriptor.Archive archive(JsonSection root) throws DescriptorException {
        JsonSection section =
                root.section("archive", Set.of("threshold", "maxAge", "tailWait", "onUnmount"));
        return new VolumeDescriptor.Archive(
                section.sizeBytes("threshold", 475L << 20, 4096, MAX_BYTES),
                section.duration("maxAge", Duration.ZERO),
                section.duration("tailWait", Duration.ofSeconds(5)),
                section.flag("onUnmount", false));
    }

    private static VolumeDescriptor.Merge merge(JsonSection root) throws DescriptorException {
        JsonSection section = root.section("merge", Set.of("layers", "policy"));
        return new VolumeDescriptor.Merge(
                section.integer("layers", 4, 2, 64),
                section.choice("policy", VolumeDescriptor.MergePolicy.BASE));
    }

    private static VolumeDescriptor.Ssd ssd(JsonSection root) throws DescriptorException {
        JsonSection section = root.section("ssd", Set.of("limit", "fullTimeout"));
        return new VolumeDescriptor.Ssd(
                section.sizeBytes("limit", 0, 0, MAX_BYTES),
                section.duration("fullTimeout", Duration.ofSeconds(60)));
    }

    private static HeadSettings heads(JsonSection root) throws DescriptorException {
        JsonSection section =
                root.section("heads", Set.of("head", "tail", "index", "share", "names"));
        HeadSettings shape = HeadSettings.DEFAULT;
        return new HeadSettings(
                section.sizeBytes("head", shape.headBytes(), 0, MAX_HEAD_BYTES),
                section.sizeBytes("tail", shape.tailBytes(), 0, MAX_HEAD_BYTES),
                section.sizeBytes("index", shape.indexBytes(), 0, MAX_HEAD_BYTES),
                section.integer("share", shape.sharePercent(), 0, 90),
                namePatterns(section));
    }

    /** Each is GLOB=HEAD+TAIL, such as {@code *.iso=1M+64K}. */
    private static List<HeadSettings.NamePattern> namePatterns(JsonSection section)
            throws DescriptorException {
        List<HeadSettings.NamePattern> patterns = new ArrayList<>();
        List<String> texts =
                section.has("names") ? section.textsOrNone("names", "GLOB=HEAD+TAIL") : List.of();
        for (String text : texts) {
            int equals = text.lastIndexOf('=');
            int plus = text.indexOf('+', equals + 1);
            try {
                if (equals < 1 || plus < 0) {
                    throw new IllegalArgumentException("is not GLOB=HEAD+TAIL");
                }
                String glob = text.substring(0, equals);
                checkGlob(glob);
                patterns.add(
                        new HeadSettings.NamePattern(
                                glob,
                                SizeText.parse(text.substring(equals + 1, plus)),
                                SizeText.parse(text.substring(plus + 1))));
            } catch (IllegalArgumentException e) {
                throw section.refuse(
                        "names",
                        "\"" + SafeText.shortened(text, 60) + "\" " + JsonSection.reason(e));
            }
        }
        return patterns;
    }

    private static void checkGlob(String glob) {
        try {
            FileSystems.getDefault().getPathMatcher("glob:" + glob);
        } catch (PatternSyntaxException e) {
            // Its own message has several lines.
            throw new IllegalArgumentException("begins with no glob: " + e.getDescription(), e);
        }
    }

    private static VolumeDescriptor.Limits limits(JsonSection root) throws DescriptorException {
        JsonSection section = root.section("limits", Set.of("maxMounts"));
        return new VolumeDescriptor.Limits(section.integer("maxMounts", 16, 1, 4096));
    }

    private static VolumeDescriptor.Recall recall(JsonSection root) throws DescriptorException {
        JsonSection section = root.section("recall", Set.of("refuse"));
        if (!section.has("refuse")) {
            return VolumeDescriptor.Recall.DEFAULT;
        }
        String form = "names of programs, such as [\"tumblerd\"]; [] refuses none";
        List<String> refuse = section.textsOrNone("refuse", form);
        for (String name : refuse) {
            if (!PROGRAM_FORM.matcher(name).matches()) {
                throw section.refuse("refuse", "must be " + form);
            }
        }
        return new VolumeDescriptor.Recall(refuse);
    }

    private static VolumeDescriptor.Metrics metrics(JsonSection root) throws DescriptorException {
        JsonSection section = root.section("metrics", Set.of("listen"));
        if (!section.has("listen")) {
            return VolumeDescriptor.Metrics.OFF;
        }
        String text = section.text("listen", MetricsAddress.FORM);
        try {
            return new VolumeDescriptor.Metrics(MetricsAddress.parse(text));
        } catch (IllegalArgumentException e) {
            throw section.refuse("listen", JsonSection.reason(e));
        }
    }
}

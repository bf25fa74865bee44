package io.arcfs.recovery.rebuild;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.medium.Medium;
import io.arcfs.tier.medium.MediumOpener;
import io.arcfs.tier.medium.MediumSpec;
import io.arcfs.tier.medium.MediumSurvey;
import io.arcfs.tier.medium.MediumSurvey.Found;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the media of one volume hold, as their footers say. Confined to one thread. */
final class MediaContents {
    /**
     * A container with every copy of it.
     *
     * @param copies one per medium at most
     */
    record Stored(Footer footer, List<Placement> copies) {}

    private final UUID volume;
    private final Geometry geometry;
    private final Map<String, UUID> media = new LinkedHashMap<>();
    private final TreeMap<Integer, Stored> containers = new TreeMap<>();
    private final List<ImageRecord> images = new ArrayList<>();
    private final List<String> problems;

    private MediaContents(UUID volume, Geometry geometry, List<String> problems) {
        this.volume = volume;
        this.geometry = geometry;
        this.problems = problems;
    }

    /**
     * Reads the footers of all media.
     *
     * @param specs with absolute paths
     * @param wanted the volume, if the media hold several
     */
    static MediaContents read(List<String> specs, @Nullable UUID wanted) throws IOException {
        List<String> problems = new ArrayList<>();
        Map<String, List<Found>> found = survey(specs, problems);
        UUID volume = wanted != null ? wanted : onlyVolume(found, problems);
        Geometry geometry = null;
        for (List<Found> media : found.values()) {
            for (Found medium : media) {
                if (medium.volume().equals(volume) && geometry == null) {
                    geometry = medium.geometry();
                }
            }
        }
        if (geometry == null) {
            throw new IOException(
                    "no whole container of volume " + volume + " is on these media" + of(problems));
        }
        MediaContents contents = new MediaContents(volume, geometry, problems);
        found.forEach((spec, media) ->
                media.stream()
                        .filter(medium -> medium.volume().equals(volume))
                        .forEach(medium -> contents.addMedium(spec, medium.medium())));
        contents.collectImages();
        return contents;
    }

    private static String of(List<String> problems) {
        return problems.isEmpty() ? "" : " (" + String.join("; ", problems) + ")";
    }

    private static Map<String, List<Found>> survey(List<String> specs, List<String> problems) {
        Map<String, List<Found>> found = new LinkedHashMap<>();
        for (String text : specs) {
            try {
                List<Found> media = MediumSurvey.of(MediumSpec.parse(text, Path.of("/")));
                if (media.isEmpty()) {
                    problems.add(text + ": holds no medium of arcfs");
                }
                found.put(text, media);
            } catch (IOException e) {
                problems.add(text + ": cannot be read: " + reason(e));
            }
        }
        return found;
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? "no such file or directory"
                : String.valueOf(e.getMessage());
    }

    private static UUID onlyVolume(Map<String, List<Found>> found, List<String> problems)
            throws IOException {
        TreeSet<UUID> volumes = new TreeSet<>();
        found.values().forEach(media -> media.forEach(medium -> volumes.add(medium.volume())));
        if (volumes.isEmpty()) {
            throw new IOException("no medium of arcfs is there" + of(problems));
        }
        if (volumes.size() > 1) {
            throw new IOException(
                    "the media belong to "
                            + volumes.size()
                            + " volumes: "
                            + volumes
                            + "; say which with --volume-id");
        }
        return volumes.first();
    }

    private void addMedium(String spec, UUID id) {
        MediumSpec parsed = MediumSpec.parse(spec, Path.of("/"));
        try (Medium medium = MediumOpener.open(parsed, volume, geometry, id)) {
            Medium.Listing listing = medium.list();
            media.put(spec, id);
            for (String damaged : listing.damaged()) {
                problems.add("damaged: " + damaged);
            }
            for (Medium.StoredContainer stored : listing.whole()) {
                add(spec, new Placement(id, stored.place()), stored.footer());
            }
        } catch (IOException e) {
            problems.add(spec + ": cannot be read: " + e.getMessage());
        }
    }

    private void add(String spec, Placement copy, Footer footer) {
        ContainerId id = footer.container();
        String what = spec + " " + copy.place() + ": " + id;
        if (!footer.volume().equals(volume) || !footer.geometry().equals(geometry)) {
            problems.add(what + " belongs to another volume or shape; left out");
            return;
        }
        Stored known = containers.get(id.number());
        if (known == null || known.footer.container().sequence() < id.sequence()) {
            containers.put(id.number(), new Stored(footer, List.of(copy)));
        } else if (known.footer.container().equals(id)) {
            if (Arrays.equals(known.footer.sha256(), footer.sha256())) {
                List<Placement> copies = new ArrayList<>(known.copies);
                copies.add(copy);
                containers.put(id.number(), new Stored(known.footer, List.copyOf(copies)));
            } else {
                problems.add(what + " holds other bytes than its other copy; left out");
            }
        }
    }

    private void collectImages() {
        Map<UUID, ImageRecord> byUuid = new LinkedHashMap<>();
        for (Stored stored : containers.values()) {
            stored.footer.images().forEach(image -> byUuid.put(image.uuid(), image));
        }
        images.addAll(byUuid.values());
    }

    UUID volume() {
        return volume;
    }

    Geometry geometry() {
        return geometry;
    }

    /** Identity of every medium that could be read, by its spec. */
    Map<String, UUID> media() {
        return media;
    }

    /** The newest sequence of every container that was found, by number. */
    TreeMap<Integer, Stored> containers() {
        return containers;
    }

    Map<Integer, Integer> sequences() {
        Map<Integer, Integer> sequences = new TreeMap<>();
        containers.forEach(
                (number, stored) -> sequences.put(number, stored.footer.container().sequence()));
        return sequences;
    }

    /** Every image that ends in one of them. */
    List<ImageRecord> images() {
        return images;
    }

    /** What could not be read or does not fit, one line each. */
    List<String> problems() {
        return problems;
    }

    /** arc.json as it was when the last of the containers was closed. */
    byte[] descriptor() {
        long newest = Long.MIN_VALUE;
        byte[] descriptor =
                Objects.requireNonNull(containers.lastEntry()).getValue().footer.descriptor();
        for (Stored stored : containers.values()) {
            for (ImageRecord image : stored.footer.images()) {
                if (image.commit() > newest) {
                    newest = image.commit();
                    descriptor = stored.footer.descriptor();
                }
            }
        }
        return descriptor;
    }
}

package io.arcfs.recovery.rebuild;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.LayerRecord.State;
import io.arcfs.overlay.catalog.VolumeState;
import io.arcfs.overlay.round.ImageStore;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.Posix;
import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.DescriptorEdit;
import io.arcfs.recovery.DescriptorException;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.RocksTierCatalog;
import io.arcfs.tier.catalog.SequenceNote;
import io.arcfs.tier.container.FooterWriter;
import io.arcfs.tier.local.LocalTier;
import io.arcfs.tier.local.TierOptions;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a volume directory of what its cold media say. Used once.
 *
 * <ol>
 *   <li>the footers of all media: containers, and the images that end in them;
 *   <li>the tier's catalog of the containers, all of them EVICTED;
 *   <li>the images, read through the tier and held against their digests: per range of layers the
 *       highest generation that is complete, then the longest run without a gap from layer 0;
 *   <li>the namespace's catalog;
 *   <li>arc.json, and with it the volume.
 * </ol>
 */
public final class Rebuild {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Stands in a directory that is being made; what else is there may be removed. */
    private static final String BEGUN = "rebuilding";

    private static final long RECALL_BYTES = 1L << 40;

    private final VolumeLayout layout;
    private final MediaContents media;
    private final List<String> specs;

    private Rebuild(VolumeLayout layout, MediaContents media, List<String> specs) {
        this.layout = layout;
        this.media = media;
        this.specs = specs;
    }

    /**
     * Rebuilds a volume.
     *
     * @param directory empty, new, or left by a rebuild that was cut off
     * @param specs its media, with absolute paths
     * @param wanted the volume, if the media hold several; else null
     * @throws IOException if there is nothing to rebuild from, or the directory cannot be used
     */
    public static RebuildReport run(Path directory, List<String> specs, @Nullable UUID wanted)
            throws IOException {
        VolumeLayout layout = new VolumeLayout(placeOf(directory));
        requireUsable(layout.directory());
        MediaContents media = MediaContents.read(specs, wanted);
        return new Rebuild(layout, media, specs).run();
    }

    private static Path placeOf(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new NoSuchFileException(String.valueOf(parent));
        }
        return Files.exists(absolute) ? absolute.toRealPath() : absolute;
    }

    private static void requireUsable(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        boolean cutOff =
                Files.exists(directory.resolve(BEGUN))
                        && !Files.exists(new VolumeLayout(directory).descriptor());
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (!cutOff && entries.iterator().hasNext()) {
                throw new DirectoryNotEmptyException(directory.toString());
            }
        }
    }

    private RebuildReport run() throws IOException {
        Path directory = layout.directory();
        if (!Files.exists(directory)) {
            Files.createDirectory(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        AtomicPublish.publish(directory.resolve(BEGUN), new byte[0]);
        Failpoint.REBUILD_BEGUN.reach();
        RebuildReport report;
        try (VolumeLock _ = VolumeLock.acquire(layout)) {
            removeLeftovers(directory);
            writeTierCatalog();
            Failpoint.REBUILD_TIER_WRITTEN.reach();
            report = writeCatalog();
            Failpoint.REBUILD_CATALOG_WRITTEN.reach();
            Files.createDirectories(layout.logDirectory());
            descriptor().publish();
            Failpoint.DESCRIPTOR_PUBLISHED.reach();
            Files.delete(directory.resolve(BEGUN));
            Posix.syncDirectory(directory);
            Failpoint.DESCRIPTOR_PUBLISHED.reach();
        }
        try (Volume volume = Volume.open(directory)) {
            LOG.info("rebuilt directory={} uuid={}", directory, volume.descriptor().uuid());
        }
        return report;
    }

    private static void removeLeftovers(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        String name = String.valueOf(directory.relativize(file));
                        if (!name.equals(BEGUN) && !name.equals("lock")) {
                            Files.delete(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
                            throws IOException {
                        if (e != null) {
                            throw e;
                        }
                        if (!visited.equals(directory)) {
                            Files.delete(visited);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private void writeTierCatalog() throws IOException {
        try (RocksTierCatalog catalog = openTierCatalog()) {
            for (Map.Entry<String, UUID> medium : media.media().entrySet()) {
                catalog.putMedium(medium.getKey(), medium.getValue());
                Failpoint.REBUILD_TIER_WRITTEN.reach();
            }
            for (MediaContents.Stored stored : media.containers().values()) {
                catalog.putClosed(
                        new ContainerRow(
                                stored.footer().container(),
                                ContainerState.EVICTED,
                                stored.footer().usedBytes(),
                                stored.copies()),
                        FooterWriter.encode(stored.footer()));
                Failpoint.REBUILD_TIER_WRITTEN.reach();
            }
        }
    }

    private RocksTierCatalog openTierCatalog() throws IOException {
        Path tier = Files.createDirectories(layout.directory().resolve("tier"));
        return RocksTierCatalog.open(tier.resolve("catalog"), media.volume(), media.geometry());
    }

    private RebuildReport writeCatalog() throws IOException {
        List<ImageLayer> layers;
        try (LocalTier tier =
                LocalTier.open(
                        new TierOptions(
                                layout.directory(),
                                media.volume(),
                                media.geometry(),
                                specs,
                                1,
                                RECALL_BYTES))) {
            layers =
                    readImages(
                            ImageStore.open(layout.directory().resolve("images"), tier.device()));
        }
        Failpoint.REBUILD_IMAGES_READ.reach();
        if (layers.isEmpty()) {
            throw new IOException(
                    "no image that begins at layer 0 is whole on these media"
                            + (media.problems().isEmpty()
                                    ? ""
                                    : " (" + String.join("; ", media.problems()) + ")"));
        }
        Set<ContainerId> missing = missingOf(layers);
        int top = layers.getLast().last();
        boolean complete =
                missing.isEmpty() && media.problems().isEmpty() && top + 1 == layersOnMedia();
        Set<Integer> needed = neededBy(layers);
        noteSequences(complete, needed);
        try (Catalog catalog = Catalog.open(layout.directory().resolve("catalog"));
                CatalogBatch batch = catalog.batch()) {
            batch.putVolume(new VolumeState(nextInode(), 1, Files.readString(BOOT_ID).trim()));
            for (ImageLayer layer : layers) {
                batch.putLayer(layer.layerRecord());
            }
            batch.putLayer(LayerRecord.upper(top + 1, State.ACTIVE));
            putContainers(batch, missing, complete, needed);
            MergedNames names = new MergedNames(layers, batch, media.geometry(), missing);
            names.collect();
            catalog.commit(batch, Sync.YES);
            return report(layers, missing, names);
        }
    }

    /** Tries choices until all images of one are whole; what is not drops out. */
    private List<ImageLayer> readImages(ImageStore store) throws IOException {
        Map<Integer, Integer> sequences = media.sequences();
        List<ImageRecord> complete = new ArrayList<>();
        for (ImageRecord image : media.images()) {
            if (ImageChoice.isComplete(image, sequences, media.geometry())) {
                complete.add(image);
            }
        }
        while (true) {
            List<ImageRecord> chosen = ImageChoice.choose(complete, sequences);
            List<ImageLayer> layers = new ArrayList<>();
            ImageRecord bad = null;
            for (ImageRecord image : chosen) {
                try {
                    layers.add(counted(store, image));
                } catch (IOException e) {
                    bad = image;
                    media.problems()
                            .add(
                                    "image of layers "
                                            + image.firstLayer()
                                            + " to "
                                            + image.lastLayer()
                                            + ", generation "
                                            + image.generation()
                                            + ", cannot be read: "
                                            + e.getMessage());
                    break;
                }
            }
            if (bad == null) {
                return layers;
            }
            complete.remove(bad);
        }
    }

    private static ImageLayer counted(ImageStore store, ImageRecord image) throws IOException {
        LayerRecord uncounted =
                new LayerRecord(image.firstLayer(), image.lastLayer(), State.ARCHIVED, 0, 0, image);
        ImageLayer layer = store.load(uncounted);
        ImageCount count = ImageCount.of(layer.image());
        return new ImageLayer(
                new LayerRecord(
                        image.firstLayer(),
                        image.lastLayer(),
                        State.ARCHIVED,
                        count.files(),
                        count.dataBytes(),
                        image),
                layer.image());
    }

    private Set<ContainerId> missingOf(List<ImageLayer> layers) {
        Set<ContainerId> missing = new TreeSet<>();
        for (ImageLayer layer : layers) {
            for (ContainerId needed : layer.layerRecord().requireImage().manifest()) {
                if (!media.containers().containsKey(needed.number())) {
                    missing.add(needed);
                }
            }
        }
        return missing;
    }

    private Set<Integer> neededBy(List<ImageLayer> layers) {
        Set<Integer> needed = new HashSet<>();
        for (ImageLayer layer : layers) {
            ImageRecord image = layer.layerRecord().requireImage();
            image.manifest().forEach(id -> needed.add(id.number()));
            image.extents()
                    .forEach(extent -> needed.add(media.geometry().containerOf(extent.address())));
        }
        return needed;
    }

    /**
     * No sequence that anything on the media names is used again. Of a volume that came back in
     * part, the tier forgets containers that its images do not need: opening it would give them
     * back, and they may be what other media are missing.
     */
    private void noteSequences(boolean complete, Set<Integer> needed) throws IOException {
        Map<Integer, Integer> last = new TreeMap<>(media.sequences());
        for (ImageRecord image : media.images()) {
            image.manifest().forEach(id -> last.merge(id.number(), id.sequence(), Math::max));
        }
        try (RocksTierCatalog catalog = openTierCatalog()) {
            for (Map.Entry<Integer, Integer> number : last.entrySet()) {
                catalog.putNote(
                        SequenceNote.name(number.getKey()), SequenceNote.value(number.getValue()));
            }
            for (MediaContents.Stored stored : media.containers().values()) {
                ContainerId id = stored.footer().container();
                if (!complete && !needed.contains(id.number())) {
                    catalog.remove(id);
                    Failpoint.REBUILD_TIER_WRITTEN.reach();
                    media.problems().add(id + " is on the media and was left alone");
                }
            }
        }
    }

    private void putContainers(
            CatalogBatch batch, Set<ContainerId> missing, boolean complete, Set<Integer> needed)
            throws IOException {
        Geometry shape = media.geometry();
        for (ContainerId lost : missing) {
            batch.putContainer(new ContainerRecord(lost, shape.dataEnd(lost.number()), true));
        }
        for (MediaContents.Stored stored : media.containers().values()) {
            ContainerId id = stored.footer().container();
            if (complete || needed.contains(id.number())) {
                batch.putContainer(
                        new ContainerRecord(
                                id,
                                shape.containerStart(id.number()) + stored.footer().usedBytes(),
                                true));
            }
        }
    }

    private int layersOnMedia() {
        return 1 + media.images().stream().mapToInt(ImageRecord::lastLayer).max().orElse(-1);
    }

    private long nextInode() {
        return media.images().stream().mapToLong(ImageRecord::nextInode).max().orElse(2);
    }

    /** The last one that a container kept, with the media as they were named now. */
    private DescriptorFile descriptor() throws IOException {
        DescriptorFile old;
        try {
            old = DescriptorFile.parse(layout.descriptor(), media.descriptor());
        } catch (DescriptorException e) {
            throw new IOException(
                    "the arc.json that the media keep cannot be used: " + e.problem(), e);
        }
        DescriptorEdit edit = DescriptorEdit.of(old);
        edit.setCold(specs.stream().map(spec -> ColdSpec.parse(spec).toString()).toList());
        if (old.descriptor().copies() > specs.size()) {
            edit.set("copies", Integer.toString(specs.size()));
        }
        return edit.finish();
    }

    private RebuildReport report(
            List<ImageLayer> layers, Set<ContainerId> missing, MergedNames names) {
        return new RebuildReport(
                layout,
                media.volume(),
                layers.getLast().last() + 1,
                layersOnMedia(),
                layers.stream().map(layer -> layer.layerRecord().name()).toList(),
                media.containers().size(),
                names.files(),
                missing.stream().map(ContainerId::toString).toList(),
                names.suffering(),
                List.copyOf(media.problems()));
    }
}

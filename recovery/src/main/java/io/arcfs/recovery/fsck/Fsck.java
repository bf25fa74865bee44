package io.arcfs.recovery.fsck;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.LayerRecord.State;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.UpperLayer;
import io.arcfs.recovery.DescriptorException;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeDescriptor;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeLock;
import io.arcfs.recovery.VolumeTier;
import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.tier.TierMaintenance.VerifyRequest;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.RocksTierCatalog;
import io.arcfs.tier.local.LocalTier;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checks a volume that nobody has open. Used once. */
public final class Fsck {
    /** How lines of {@link #repair} begin that say what is still damaged. */
    public static final String NOT_REPAIRED = "could not repair ";

    private final VolumeLayout layout;
    private final boolean readData;
    private final Findings findings = new Findings();
    private @Nullable NamesCheck names;

    private Fsck(VolumeLayout layout, boolean readData) {
        this.layout = layout;
        this.readData = readData;
    }

    /**
     * Finds everything that is wrong; changes nothing.
     *
     * @param readData also reads every object on the media, not only their footers
     * @return the worst first
     * @throws io.arcfs.recovery.VolumeInUseException if the volume is open
     * @throws IOException if the directory is none
     */
    public static List<Finding> check(Path directory, boolean readData) throws IOException {
        return new Fsck(layoutOf(directory), readData).run();
    }

    /**
     * Does what is provably safe: what a mount does, damaged copies made anew from whole ones, the
     * table of names from the names.
     *
     * @return what was done, one line each
     * @throws IOException if the volume cannot be opened: nothing was changed then
     */
    public static List<String> repair(Path directory) throws IOException {
        Fsck before = new Fsck(layoutOf(directory), false);
        before.run();
        List<String> done = new ArrayList<>();
        NamesCheck checked = before.names;
        if (checked != null
                && before.findings.has(Kind.NAME_TABLE)
                && !before.findings.has(
                        Kind.NAME, Kind.INODE, Kind.LAYER, Kind.IMAGE, Kind.NAMESPACE_CATALOG)) {
            try (VolumeLock _ = VolumeLock.acquire(before.layout);
                    Catalog catalog = Catalog.open(before.layout.directory().resolve("catalog"))) {
                checked.rewriteTable(catalog);
            }
            done.add("wrote the table of names anew from the names");
        }
        try (Volume volume = Volume.open(directory)) {
            done.addAll(volume.recoveryActions());
        }
        try (VolumeLock _ = VolumeLock.acquire(before.layout);
                LocalTier tier = VolumeTier.openOwned(before.layout)) {
            tier.maintenance()
                    .verify(new VerifyRequest(Long.MAX_VALUE, true, List.of()))
                    .damaged()
                    .forEach(damage ->
                            done.add(
                                    (damage.repaired() ? "repaired " : NOT_REPAIRED)
                                            + damage.medium()
                                            + " "
                                            + damage.what()));
        }
        return done;
    }

    private static VolumeLayout layoutOf(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw Files.exists(directory)
                    ? new NotDirectoryException(directory.toString())
                    : new java.nio.file.NoSuchFileException(directory.toString());
        }
        return new VolumeLayout(directory.toRealPath());
    }

    private List<Finding> run() throws IOException {
        VolumeDescriptor descriptor;
        try {
            descriptor = DescriptorFile.read(layout.descriptor()).descriptor();
        } catch (DescriptorException e) {
            findings.error(Kind.DESCRIPTOR, "arc.json", e.problem());
            return findings.toList();
        }
        try (VolumeLock _ = VolumeLock.acquire(layout)) {
            Catalog catalog = openCatalog();
            try {
                RocksTierCatalog tierCatalog = openTierCatalog(descriptor);
                try {
                    check(subject(descriptor, catalog, tierCatalog));
                } finally {
                    if (tierCatalog != null) {
                        tierCatalog.close();
                    }
                }
            } finally {
                if (catalog != null) {
                    catalog.close();
                }
            }
        }
        return findings.toList();
    }

    private @Nullable Catalog openCatalog() {
        try {
            return Catalog.openReadOnly(layout.directory().resolve("catalog"));
        } catch (IOException e) {
            findings.error(Kind.NAMESPACE_CATALOG, "catalog", String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable RocksTierCatalog openTierCatalog(VolumeDescriptor descriptor) {
        try {
            return RocksTierCatalog.openReadOnly(
                    layout.directory().resolve("tier/catalog"),
                    descriptor.uuid(),
                    descriptor.geometry());
        } catch (IOException e) {
            findings.error(Kind.TIER_CATALOG, "tier/catalog", String.valueOf(e.getMessage()));
            return null;
        }
    }

    private Subject subject(
            VolumeDescriptor descriptor,
            @Nullable Catalog catalog,
            @Nullable RocksTierCatalog tierCatalog) {
        TreeMap<Integer, ContainerRecord> containers = new TreeMap<>();
        TreeMap<Integer, ContainerRow> rows = new TreeMap<>();
        if (catalog != null) {
            findings.guard(
                    Kind.NAMESPACE_CATALOG,
                    "catalog",
                    () -> catalog.containers().forEach(c -> containers.put(c.id().number(), c)));
        }
        if (tierCatalog != null) {
            findings.guard(
                    Kind.TIER_CATALOG,
                    "tier/catalog",
                    () -> tierCatalog.rows().forEach(row -> rows.put(row.id().number(), row)));
        }
        return new Subject(layout, descriptor, catalog, tierCatalog, containers, rows);
    }

    private void check(Subject volume) {
        Catalog catalog = volume.catalog();
        if (catalog != null) {
            findings.guard(Kind.NAMESPACE_CATALOG, "catalog", () -> namespace(volume, catalog));
        }
        RocksTierCatalog tierCatalog = volume.tierCatalog();
        if (tierCatalog != null) {
            ContainerCheck containers = new ContainerCheck(volume, tierCatalog, findings);
            if (catalog != null) {
                containers.checkCatalogs();
            }
            findings.guard(Kind.SSD_COPY, "ssd", containers::checkSsd);
            findings.guard(
                    Kind.TIER_CATALOG,
                    "tier/catalog",
                    () ->
                            new MediaCheck(
                                            volume,
                                            tierCatalog.media(),
                                            containers.footers(),
                                            containers.wholeOnSsd(),
                                            readData,
                                            lastCommit(catalog),
                                            findings)
                                    .check());
        }
    }

    private static long lastCommit(@Nullable Catalog catalog) throws IOException {
        long last = catalog == null ? Long.MAX_VALUE : 0;
        for (LayerRecord layer : catalog == null ? List.<LayerRecord>of() : catalog.layers()) {
            if (layer.image() != null) {
                last = Math.max(last, layer.requireImage().commit());
            }
        }
        return last;
    }

    private void namespace(Subject volume, Catalog catalog) throws IOException {
        if (catalog.volume() == null) {
            findings.error(Kind.NAMESPACE_CATALOG, "catalog", "has no state of the volume");
        }
        List<LayerRecord> layers = catalog.layers();
        checkOrder(layers);
        AddressUse uses = new AddressUse(volume.geometry(), volume.containers(), findings);
        UpperCheck uppers = new UpperCheck(catalog, volume.file("upper/data"), uses, findings);
        List<Layer> stack = new ArrayList<>();
        boolean whole = true;
        for (int i = 0; i < layers.size(); i++) {
            LayerRecord layer = layers.get(i);
            if (layer.state() != State.ARCHIVED) {
                findings.guard(
                        Kind.NAMESPACE_CATALOG, layer.name(), () -> uppers.check(layer.first()));
                stack.addFirst(new UpperLayer(catalog, layer.first()));
                continue;
            }
            int place = i;
            @Nullable ImageLayer[] opened = new ImageLayer[1];
            findings.guard(
                    Kind.IMAGE,
                    "images/" + layer.imageFileName(),
                    () -> opened[0] = ImageCheck.check(volume, layer, place, uses, findings));
            ImageLayer readable = opened[0];
            whole &= readable != null;
            if (readable != null) {
                stack.addFirst(readable);
            }
        }
        findings.guard(Kind.APPEND_FILE, "upper/data", uppers::checkFiles);
        leftovers(layers);
        if (!whole) {
            findings.note(Kind.NAME, "/", "names were not checked: an image is not there");
            return;
        }
        uses.finish();
        NamesCheck check = new NamesCheck(catalog, new LayerStack(1, stack), findings);
        check.walk();
        check.compare();
        names = check;
    }

    /** Layers follow each other from 0; the newest is active, at most the one before it sealed. */
    private void checkOrder(List<LayerRecord> layers) {
        int next = 0;
        for (int i = 0; i < layers.size(); i++) {
            LayerRecord layer = layers.get(i);
            if (layer.first() != next) {
                findings.error(Kind.LAYER, layer.name(), "layer " + next + " is missing before it");
            }
            next = layer.last() + 1;
            State expected =
                    i == layers.size() - 1
                            ? State.ACTIVE
                            : layer.state() == State.SEALED && i == layers.size() - 2
                                    ? State.SEALED
                                    : State.ARCHIVED;
            if (layer.state() != expected) {
                findings.error(Kind.LAYER, layer.name(), "is " + layer.state() + " in place " + i);
            }
        }
        if (layers.isEmpty()) {
            findings.error(Kind.LAYER, "catalog", "there is no layer");
        }
    }

    private void leftovers(List<LayerRecord> layers) throws IOException {
        Path images = layout.directory().resolve("images");
        if (!Files.isDirectory(images)) {
            return;
        }
        List<String> wanted =
                layers.stream()
                        .filter(layer -> layer.state() == State.ARCHIVED)
                        .map(LayerRecord::imageFileName)
                        .toList();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(images)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (!wanted.contains(name)) {
                    findings.note(Kind.LEFTOVER, "images/" + name, "no commit names it");
                }
            }
        }
    }
}

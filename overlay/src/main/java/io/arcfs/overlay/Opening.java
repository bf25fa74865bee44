package io.arcfs.overlay;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.LayerRecord.State;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.catalog.Origin;
import io.arcfs.overlay.catalog.VolumeState;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.data.DeviceReader;
import io.arcfs.overlay.namespace.AppendReferences;
import io.arcfs.overlay.namespace.Counters;
import io.arcfs.overlay.namespace.Namespace;
import io.arcfs.overlay.namespace.SpaceBudget;
import io.arcfs.overlay.namespace.Tree;
import io.arcfs.overlay.round.Allocations;
import io.arcfs.overlay.round.Containers;
import io.arcfs.overlay.round.ImageStore;
import io.arcfs.overlay.round.LostContainers;
import io.arcfs.overlay.round.Reclaim;
import io.arcfs.overlay.round.Recovery;
import io.arcfs.overlay.round.RoundContext;
import io.arcfs.overlay.round.RoundProgress;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.UpperLayer;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.Posix;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Opens an overlay: catalog, recovery, images, stack. Used once. */
final class Opening {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final OverlayOptions options;
    private Tier tier;
    private final List<String> actions = new ArrayList<>();

    Opening(OverlayOptions options, Tier tier) {
        this.options = options;
        this.tier = tier;
    }

    Overlay open() throws IOException {
        Catalog catalog = Catalog.open(options.volume().resolve("catalog"), bootId());
        try {
            return open(catalog);
        } catch (IOException | RuntimeException e) {
            catalog.close();
            throw e;
        }
    }

    private Overlay open(Catalog catalog) throws IOException {
        String bootId = bootId();
        VolumeState before = catalog.volume();
        boolean machineLost = before != null && !before.bootId().equals(bootId);
        VolumeState state =
                before == null
                        ? initialize(catalog, bootId)
                        : new VolumeState(before.nextInode(), before.nextAppendFile(), bootId);

        LostContainers lost = LostContainers.find(catalog, tier);
        lost.close(catalog);
        tier = lost.guard(tier);
        Path upper = options.volume().resolve("upper");
        ImageStore images = ImageStore.open(options.volume().resolve("images"), tier.device());
        List<LayerRecord> layers = catalog.layers();
        requireManifests(catalog, layers);
        for (String removed : images.sweep(layers)) {
            actions.add("removed image " + removed + ", which no commit names");
        }
        int active = activeLayer(layers);
        AppendFiles appendFiles = AppendFiles.open(upper.resolve("data"));
        AppendReferences references = new AppendReferences();
        Recovery recovery =
                new Recovery(
                        catalog, appendFiles, references, active, sealedLayer(layers), machineLost);
        LayerStack stack = recover(recovery, () -> stack(catalog, images, layers));
        actions.addAll(images.restored());
        actions.addAll(recovery.actions());
        // Only now: a crash before this line must find the old boot id and cut again.
        try (CatalogBatch batch = catalog.batch()) {
            batch.putVolume(state);
            catalog.commit(batch, Sync.YES);
        }
        Failpoint.RECOVER_BOOT_NOTED.reach();

        Tree tree = new Tree(catalog, appendFiles, stack);
        Counters counters = new Counters(catalog, state);
        Namespace namespace =
                new Namespace(
                        tree,
                        counters,
                        references,
                        new DeviceReader(tier.device()),
                        usage ->
                                new SpaceBudget(
                                        options.volume(),
                                        tier,
                                        options.ssdLimitBytes(),
                                        options.ssdFullTimeout(),
                                        usage),
                        options.overwrite(),
                        options.openFilesMost(),
                        Clock.systemUTC());
        namespace.committer().inherit(recovery.notDurable());
        namespace.activeBytes().set(recovery.activeBytes());
        namespace.sealedBytes().set(recovery.sealedBytes());
        RoundContext context =
                new RoundContext(
                        catalog,
                        tier,
                        namespace,
                        images,
                        Allocations.open(catalog, tier),
                        upper,
                        options.uuid(),
                        options.descriptor(),
                        options.archiveTailWait(),
                        new CountDownLatch(1),
                        new RoundProgress());
        actions.addAll(Containers.discardUncommitted(context));
        Containers.closeCommitted(context);
        actions.addAll(new Reclaim(context).releaseUnreferenced());
        Files.createDirectories(upper.resolve(LayerRecord.upper(active, State.ACTIVE).name()));
        return new Overlay(options, catalog, tier, namespace, context, actions, lost.problems());
    }

    /** Puts the uppers right while another thread reads the images, which takes as long. */
    private static LayerStack recover(Recovery recovery, Callable<LayerStack> images)
            throws IOException {
        FutureTask<LayerStack> reading = new FutureTask<>(images);
        Thread reader = Thread.ofPlatform().daemon().name("arcfs-images").start(reading);
        try {
            recovery.run();
        } finally {
            // Also when that failed: what it reads from is about to be closed.
            join(reader);
        }
        if (reading.state() == Future.State.SUCCESS) {
            return reading.resultNow();
        }
        Throwable failure = reading.exceptionNow();
        throw failure instanceof IOException io ? io : new IOException("images", failure);
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static String bootId() throws IOException {
        return Files.readString(BOOT_ID).trim();
    }

    /** A new volume: an active layer with a root that belongs to the volume's owner. */
    private VolumeState initialize(Catalog catalog, String bootId) throws IOException {
        FileStatus owner = Posix.lstat(Posix.bytes(options.volume()));
        Instant now = Instant.now();
        InodeRecord root =
                new InodeRecordBuilder(Mode.DIRECTORY | 0755, owner.uid(), owner.gid())
                        .origin(Origin.SAME)
                        .mtime(now)
                        .ctime(now)
                        .build();
        VolumeState state = new VolumeState(FileSystem.ROOT_INODE + 1, 1, bootId);
        try (CatalogBatch batch = catalog.batch()) {
            batch.putVolume(state)
                    .putLayer(LayerRecord.upper(0, State.ACTIVE))
                    .putInode(0, FileSystem.ROOT_INODE, root);
            catalog.commit(batch, Sync.YES);
        }
        Failpoint.RECOVER_SYNCED.reach();
        return state;
    }

    private LayerStack stack(Catalog catalog, ImageStore images, List<LayerRecord> layers)
            throws IOException {
        List<Layer> stack = new ArrayList<>();
        for (LayerRecord layer : layers.reversed()) {
            stack.add(
                    layer.state() == State.ARCHIVED
                            ? images.load(layer)
                            : new UpperLayer(catalog, layer.first()));
        }
        return new LayerStack(1, stack);
    }

    private static int activeLayer(List<LayerRecord> layers) throws IOException {
        if (layers.isEmpty() || layers.getLast().state() == State.ARCHIVED) {
            throw new IOException("catalog: no layer is active");
        }
        return layers.getLast().first();
    }

    private static int sealedLayer(List<LayerRecord> layers) {
        return layers.stream()
                .filter(l -> l.state() == State.SEALED)
                .mapToInt(LayerRecord::first)
                .findFirst()
                .orElse(-1);
    }

    /** An image whose containers were reused must not serve other bytes. */
    private static void requireManifests(Catalog catalog, List<LayerRecord> layers)
            throws IOException {
        Set<ContainerId> known = new HashSet<>();
        for (ContainerRecord container : catalog.containers()) {
            known.add(container.id());
        }
        for (LayerRecord layer : layers) {
            if (layer.image() == null) {
                continue;
            }
            for (ContainerId container : layer.requireImage().manifest()) {
                if (!known.contains(container)) {
                    throw new IOException(
                            "image "
                                    + layer.imageFileName()
                                    + " refers to "
                                    + container
                                    + ", which the catalog lacks");
                }
            }
        }
    }
}

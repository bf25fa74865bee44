package io.arcfs.overlay;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.namespace.Namespace;
import io.arcfs.overlay.namespace.NamespaceFileSystem;
import io.arcfs.overlay.namespace.ResidenceSurvey;
import io.arcfs.overlay.round.ArchiveRound;
import io.arcfs.overlay.round.Containers;
import io.arcfs.overlay.round.ExtentFiles;
import io.arcfs.overlay.round.FileExtents;
import io.arcfs.overlay.round.GcRound;
import io.arcfs.overlay.round.MergePlan;
import io.arcfs.overlay.round.MergeRound;
import io.arcfs.overlay.round.Reclaim;
import io.arcfs.overlay.round.RoundContext;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open namespace with its rounds: what a mount serves and what the command line asks for.
 *
 * <p>One round and one merge at a time; file operations go on beside them. Thread-safe.
 */
public final class Overlay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Overlay.class);
    private static final int USUAL_BOUND_PERCENT = 50;
    private static final int FILES_LOOKED_AT_FOR_STATUS = 20_000;

    private final OverlayOptions options;
    private final Catalog catalog;
    private final Tier tier;
    private final Namespace namespace;
    private final RoundContext context;
    private final NamespaceFileSystem fileSystem;
    private final ResidenceSurvey survey;
    private final List<String> recoveryActions;
    private final List<String> lasting;
    private final ReentrantLock roundLock = new ReentrantLock();
    private final ReentrantLock mergeLock = new ReentrantLock();
    private final Background background;
    private volatile @Nullable KnownPlan knownPlan;
    private boolean closed;

    /** What a gc would gain, as of one stack. */
    private record KnownPlan(long stackVersion, GcRound.Plan plan) {}

    Overlay(
            OverlayOptions options,
            Catalog catalog,
            Tier tier,
            Namespace namespace,
            RoundContext context,
            List<String> recoveryActions,
            List<String> lastingProblems) {
        this.options = options;
        this.catalog = catalog;
        this.tier = tier;
        this.namespace = namespace;
        this.context = context;
        this.recoveryActions = List.copyOf(recoveryActions);
        this.lasting = List.copyOf(lastingProblems);
        this.survey = new ResidenceSurvey(namespace.tree(), tier.control());
        this.fileSystem = new NamespaceFileSystem(namespace, survey);
        this.background = new Background(this, options, namespace);
    }

    /**
     * Opens the namespace of a volume, putting right what a crash left; a new volume gets a root.
     */
    public static Overlay open(OverlayOptions options, Tier tier) throws IOException {
        Overlay overlay = new Opening(options, tier).open();
        overlay.background.start();
        return overlay;
    }

    public FileSystem fileSystem() {
        return fileSystem;
    }

    /** Who is asked before a reader waits for cold bytes, from now on. */
    public void guardRecalls(RecallGuard guard) {
        fileSystem.guardRecalls(guard);
    }

    /**
     * Where the bytes of a file are, or of all files below a folder; the path is relative to the
     * root.
     */
    public Residence residence(byte[] path) throws IOException {
        return survey.at(path);
    }

    /** What opening put right, one line each. */
    public List<String> recoveryActions() {
        return recoveryActions;
    }

    /**
     * Seals the active layer, builds its image and activates it; false if there was nothing to do.
     */
    public boolean archive() throws IOException, InterruptedException {
        roundLock.lockInterruptibly();
        try {
            boolean resumed = resume();
            return new ArchiveRound(context).sealAndArchive() || resumed;
        } finally {
            roundLock.unlock();
        }
    }

    /** Archives a layer that a round before has left sealed. */
    void archiveSealed() throws IOException, InterruptedException {
        roundLock.lockInterruptibly();
        try {
            resume();
        } finally {
            roundLock.unlock();
        }
    }

    private boolean resume() throws IOException, InterruptedException {
        boolean resumed = false;
        for (LayerRecord layer : catalog.layers()) {
            if (layer.state() == LayerRecord.State.SEALED) {
                LOG.info("round resumed layer={}", layer.name());
                new ArchiveRound(context).archive(layer.first());
                resumed = true;
            }
        }
        return resumed;
    }

    /** Archives what there is and lets the open containers go to the media. */
    void makeSpace() throws IOException, InterruptedException {
        LOG.info("space wanted: archiving and closing the open containers");
        archive();
        closeContainers();
    }

    /** Merges images; false if there was nothing to merge. */
    public boolean merge(MergeScope scope) throws IOException, InterruptedException {
        mergeLock.lockInterruptibly();
        try {
            List<ImageLayer> inputs = toMerge(scope);
            if (inputs.size() < 2) {
                return false;
            }
            new MergeRound(context).merge(inputs);
            return true;
        } finally {
            mergeLock.unlock();
        }
    }

    /** Merges the images of a range of layers, whatever the policy says. */
    void merge(int first, int last) throws IOException, InterruptedException {
        mergeLock.lockInterruptibly();
        try {
            List<ImageLayer> inputs =
                    MergeRound.images(namespace.tree()).stream()
                            .filter(image -> image.first() >= first && image.last() <= last)
                            .toList();
            if (inputs.size() > 1) {
                new MergeRound(context).merge(inputs);
            }
        } finally {
            mergeLock.unlock();
        }
    }

    private List<ImageLayer> toMerge(MergeScope scope) {
        List<ImageLayer> images = MergeRound.images(namespace.tree());
        return switch (scope) {
            case ALL -> images;
            case POLICY -> MergePlan.choose(images, options.mergePolicy(), options.mergeLayers());
        };
    }

    /** Whether the policy would merge now. */
    boolean isMergeDue() {
        return toMerge(MergeScope.POLICY).size() > 1;
    }

    /** Closes the open container and waits until every archived byte is verified on its media. */
    public void flush() throws IOException, InterruptedException {
        closeContainers();
        tier.control().awaitDestaged();
    }

    private void closeContainers() throws IOException, InterruptedException {
        roundLock.lockInterruptibly();
        try {
            mergeLock.lockInterruptibly();
            try {
                Containers.closeOpen(context);
            } finally {
                mergeLock.unlock();
            }
        } finally {
            roundLock.unlock();
        }
    }

    /** Drops every SSD copy that is verified on its media; returns the bytes freed. */
    public long evictAll() throws IOException {
        return tier.control().evictAll();
    }

    /**
     * Drops SSD copies of what these files and folders have archived; paths are relative to the
     * root.
     */
    public long evict(List<byte[]> paths) throws IOException {
        return tier.control().evict(extents(paths));
    }

    /** Archived bytes of these files and of all below these folders. */
    public List<DeviceExtent> extents(List<byte[]> paths) throws IOException {
        List<DeviceExtent> extents = new ArrayList<>();
        for (byte[] path : paths) {
            extents.addAll(FileExtents.below(namespace.tree(), path));
        }
        return extents;
    }

    /** Paths of the files that have bytes in an extent. */
    public List<byte[]> filesIn(DeviceExtent extent) throws IOException {
        return ExtentFiles.in(namespace.tree(), extent);
    }

    /**
     * What {@link #gc} would gain with the usual bound; null when there are so many files that
     * finding out takes its time, or it cannot be found out.
     */
    public GcRound.@Nullable Plan reclaimable() {
        try {
            return plan();
        } catch (IOException e) {
            LOG.warn("what a gc would gain is not known: {}", e.getMessage());
            return null;
        }
    }

    private GcRound.@Nullable Plan plan() throws IOException {
        LayerStack stack = namespace.tree().stack();
        KnownPlan known = knownPlan;
        if (known != null && known.stackVersion() == stack.version()) {
            return known.plan();
        }
        long files = 0;
        for (LayerRecord layer : catalog.layers()) {
            files += layer.files();
        }
        if (files > FILES_LOOKED_AT_FOR_STATUS) {
            return null;
        }
        GcRound.Plan plan = gcPlan(USUAL_BOUND_PERCENT);
        knownPlan = new KnownPlan(stack.version(), plan);
        return plan;
    }

    /** What {@link #gc} would do now. */
    public GcRound.Plan gcPlan(int belowPercent) throws IOException {
        return new GcRound(context).plan(belowPercent);
    }

    /**
     * Archives what there is and moves what is needed out of containers that hold little else; they
     * are given back by {@link #giveBack}, or when the volume is opened the next time.
     *
     * @param belowPercent of a container's used bytes that are needed
     */
    public GcRound.Plan gc(int belowPercent) throws IOException, InterruptedException {
        archive();
        GcRound.Plan plan;
        roundLock.lockInterruptibly();
        try {
            mergeLock.lockInterruptibly();
            try {
                plan = new GcRound(context).run(belowPercent);
            } finally {
                mergeLock.unlock();
            }
        } finally {
            roundLock.unlock();
        }
        if (!plan.isEmpty()) {
            flush();
        }
        return plan;
    }

    /** Gives back containers that nothing refers to, as far as no open file has bytes there. */
    public Reclaim.Outcome giveBack() throws IOException, InterruptedException {
        roundLock.lockInterruptibly();
        try {
            mergeLock.lockInterruptibly();
            try {
                return new Reclaim(context).releaseInUse();
            } finally {
                knownPlan = null;
                mergeLock.unlock();
            }
        } finally {
            roundLock.unlock();
        }
    }

    public OverlayStatus status() throws IOException {
        List<String> problems = new ArrayList<>(lasting);
        problems.addAll(background.problems());
        return StatusReport.of(options, catalog, tier, namespace, context.progress(), problems);
    }

    /** Makes everything durable and lets go; interrupted rounds are resumed at the next open. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        context.closing().countDown();
        background.stop();
        try {
            if (options.archiveOnClose()) {
                archive();
            }
            namespace.committer().syncAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while closing; what was archived so far is kept", e);
        } finally {
            catalog.close();
        }
    }
}

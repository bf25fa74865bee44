package io.arcfs.recovery;

import io.arcfs.overlay.MergePolicy;
import io.arcfs.overlay.Overlay;
import io.arcfs.overlay.OverlayOptions;
import io.arcfs.overlay.OverwritePolicy;
import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.OpenFileLimit;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open volume: its lock, its descriptor, its tier and its namespace, opened in this order and
 * closed in the reverse one. Opening rolls every half-done step of an earlier life forward or back.
 *
 * <p>Thread-safe.
 */
public final class Volume implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Volume.class);
    private static final Duration COMMIT_INTERVAL = Duration.ofSeconds(5);

    private final VolumeLayout layout;
    private final VolumeLock lock;
    private final DescriptorFile descriptorFile;
    private final Tier tier;
    private final Overlay overlay;
    private boolean closed;

    private Volume(
            VolumeLayout layout,
            VolumeLock lock,
            DescriptorFile descriptorFile,
            Tier tier,
            Overlay overlay) {
        this.layout = layout;
        this.lock = lock;
        this.descriptorFile = descriptorFile;
        this.tier = tier;
        this.overlay = overlay;
    }

    /**
     * Opens a volume and makes it whole.
     *
     * @throws VolumeInUseException if another process, or this one, has it open
     * @throws DescriptorException if arc.json cannot be used
     */
    public static Volume open(Path directory) throws IOException {
        Opening opening = new Opening(checked(directory));
        try {
            return opening.finish();
        } catch (IOException | RuntimeException | Error e) {
            opening.undo(e);
            throw e;
        }
    }

    /** A directory that is a volume; the way to refuse others before anything is touched. */
    public static VolumeLayout checked(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        VolumeLayout layout = new VolumeLayout(directory.toRealPath());
        // Says why if there is none.
        DescriptorFile.read(layout.descriptor());
        return layout;
    }

    public VolumeLayout layout() {
        return layout;
    }

    public VolumeDescriptor descriptor() {
        return descriptorFile.descriptor();
    }

    public Tier tier() {
        return tier;
    }

    /** Where the device is: "inprocess", or the node of the server that exports the tier. */
    public String deviceName() {
        return VolumeTier.nameOf(tier);
    }

    public Overlay overlay() {
        return overlay;
    }

    /** What opening had to make whole, one line each; empty after a clean close. */
    public List<String> recoveryActions() {
        return overlay.recoveryActions();
    }

    /**
     * Makes everything durable, leaves background work resumable and gives the volume free.
     * Idempotent; what fails does not keep the rest from being closed.
     */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        closeAll(List.of(overlay, tier, lock));
        LOG.info("volume closed directory={}", layout.directory());
    }

    private static void closeAll(List<AutoCloseable> parts) throws IOException {
        IOException first = null;
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                IOException failure =
                        e instanceof IOException io ? io : new IOException("cannot close", e);
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** The steps of an open and how to take them back (R2). Confined to the opening thread. */
    private static final class Opening {
        private final VolumeLayout layout;
        private final List<AutoCloseable> opened = new ArrayList<>();

        Opening(VolumeLayout layout) {
            this.layout = layout;
        }

        Volume finish() throws IOException {
            // Before anything is looked at: what cannot be opened would count as lost.
            OpenFileLimit limit = OpenFileLimit.ofProcess();
            limit.requireEnough();
            VolumeLock lock = VolumeLock.acquire(layout);
            opened.add(lock);
            for (String leftover : AtomicPublish.removeTemporaries(layout.directory())) {
                LOG.info("recovered removed {}, which a crash left half written", leftover);
            }
            // Read again: only under the lock it cannot change any more.
            DescriptorFile descriptorFile = DescriptorFile.read(layout.descriptor());
            VolumeDescriptor descriptor = descriptorFile.descriptor();
            Tier tier = VolumeTier.open(layout, descriptor);
            opened.add(tier);
            Overlay overlay = Overlay.open(overlayOptions(descriptorFile, limit), tier);
            opened.add(overlay);
            for (String action : overlay.recoveryActions()) {
                LOG.info("recovered {}", action);
            }
            LOG.info("volume opened directory={} uuid={}", layout.directory(), descriptor.uuid());
            return new Volume(layout, lock, descriptorFile, tier, overlay);
        }

        void undo(Throwable failure) {
            try {
                closeAll(opened.reversed());
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }

        private OverlayOptions overlayOptions(DescriptorFile file, OpenFileLimit limit) {
            VolumeDescriptor descriptor = file.descriptor();
            return new OverlayOptions(
                    layout.directory(),
                    descriptor.uuid(),
                    file.bytes(),
                    descriptor.archive().thresholdBytes(),
                    descriptor.archive().maxAge(),
                    descriptor.archive().tailWait(),
                    mergePolicy(descriptor),
                    descriptor.merge().layers(),
                    descriptor.archive().onUnmount(),
                    overwrite(descriptor),
                    descriptor.ssd().limitBytes(),
                    descriptor.ssd().fullTimeout(),
                    limit.forPrograms(),
                    COMMIT_INTERVAL);
        }

        private static OverwritePolicy overwrite(VolumeDescriptor descriptor) {
            return switch (descriptor.overwrite()) {
                case DENY -> OverwritePolicy.DENY;
                case UPPER -> OverwritePolicy.UPPER;
            };
        }

        private static MergePolicy mergePolicy(VolumeDescriptor descriptor) {
            return switch (descriptor.merge().policy()) {
                case BASE -> MergePolicy.BASE;
                case TIERED -> MergePolicy.TIERED;
                case MANUAL -> MergePolicy.MANUAL;
            };
        }
    }
}

package io.arcfs.tier.export;

import io.arcfs.device.BlockDevice;
import io.arcfs.device.KernelBlockDevice;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Tier;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierMaintenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A tier that the server of a block device owns, used by the daemon of a mount. Thread-safe. */
public final class ExportedTier implements Tier {
    private final Geometry geometry;
    private final KernelBlockDevice node;
    private final ExportedDevice device;
    private final RemoteTierControl remote;
    private final TierControl control;

    private ExportedTier(Geometry geometry, KernelBlockDevice node, RemoteTierControl remote) {
        this.geometry = geometry;
        this.node = node;
        this.remote = remote;
        this.control = remote.asControl();
        this.device = new ExportedDevice(node, control);
    }

    /**
     * The tier of a volume, if a server exports it now.
     *
     * @throws IOException if one does and cannot be used
     */
    public static Optional<ExportedTier> find(Path volume, Geometry geometry) throws IOException {
        if (!Files.exists(TierSocket.in(volume))) {
            return Optional.empty();
        }
        RemoteTierControl remote;
        try {
            remote = RemoteTierControl.connect(volume);
        } catch (java.net.ConnectException e) {
            return Optional.empty(); // a dead server's socket
        }
        try {
            return Optional.of(open(geometry, remote));
        } catch (IOException | RuntimeException e) {
            remote.close();
            throw e;
        }
    }

    private static ExportedTier open(Geometry geometry, RemoteTierControl remote)
            throws IOException {
        KernelBlockDevice node = KernelBlockDevice.open(Path.of(remote.node()));
        if (node.sizeBytes() != geometry.deviceBytes()) {
            node.close();
            throw new IOException(
                    "%s has %d bytes, the volume's device %d"
                            .formatted(remote.node(), node.sizeBytes(), geometry.deviceBytes()));
        }
        return new ExportedTier(geometry, node, remote);
    }

    /** The block device, such as /dev/ublkb0. */
    public String node() {
        return remote.node();
    }

    @Override
    public Geometry geometry() {
        return geometry;
    }

    @Override
    public BlockDevice device() {
        return device;
    }

    @Override
    public TierControl control() {
        return control;
    }

    @Override
    public boolean isExported() {
        return true;
    }

    @Override
    public TierMaintenance maintenance() {
        return remote.asMaintenance();
    }

    /** Lets go; the owner and its background work go on. */
    @Override
    public void close() throws IOException {
        try (remote) {
            node.close();
        }
    }
}

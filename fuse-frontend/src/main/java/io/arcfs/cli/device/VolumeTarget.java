package io.arcfs.cli.device;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.daemon.VolumeLog;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.recovery.VolumeTier;
import io.arcfs.tier.export.TierServer;
import io.arcfs.tier.local.LocalTier;
import io.arcfs.ublk.DataPath;
import io.arcfs.ublk.DeviceParameters;
import io.arcfs.ublk.DeviceTarget;
import io.arcfs.ublk.DeviceTarget.Writes;
import io.arcfs.ublk.QueueTarget;
import io.arcfs.ublk.UblkQueue;
import io.arcfs.ublk.UblkTarget;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A volume's tier as a block device: this process owns it, and others use it through the device and
 * the tier's socket. Thread-safe.
 */
final class VolumeTarget implements UblkTarget {
    private final VolumeLayout layout;
    private final LocalTier tier;
    private final DeviceTarget device;
    private @Nullable TierServer socket;

    private VolumeTarget(VolumeLayout layout, LocalTier tier, DeviceTarget device) {
        this.layout = layout;
        this.tier = tier;
        this.device = device;
    }

    /**
     * @param requests how many requests can be out at once
     */
    static VolumeTarget open(Path volume, int requests) throws CommandFailure, IOException {
        VolumeLayout layout = Volume.checked(volume);
        VolumeLog.start(layout, "device.log");
        LocalTier tier;
        try {
            tier = VolumeTier.openOwned(layout);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("in use by another process")) {
                throw new CommandFailure(
                        SafeText.of(volume),
                        "its tier is in use, by a mount or another server",
                        "unmount it, start the device, mount it again",
                        e);
            }
            throw e;
        }
        // The checksums of written blocks are in this process's memory until the tier is flushed.
        DeviceTarget device =
                new DeviceTarget("volume", tier.device(), Writes.FLUSHED_EACH, requests);
        return new VolumeTarget(layout, tier, device);
    }

    /** Opens the socket, now that the block device can be used. */
    void export(String node) throws IOException {
        socket = TierServer.start(layout.directory(), tier.control(), tier.maintenance(), node);
    }

    @Override
    public String kind() {
        return device.kind();
    }

    @Override
    public DeviceParameters parameters(int maxRequestBytes) {
        return device.parameters(maxRequestBytes);
    }

    @Override
    public boolean supports(DataPath path) {
        return device.supports(path);
    }

    @Override
    public QueueTarget openQueue(UblkQueue queue) {
        return device.openQueue(queue);
    }

    @Override
    public void close() throws IOException {
        TierServer open = socket;
        if (open != null) {
            open.close();
        }
        device.close();
        tier.close();
    }
}

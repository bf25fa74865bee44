package io.arcfs.recovery;

import io.arcfs.tier.Tier;
import io.arcfs.tier.export.ExportedTier;
import io.arcfs.tier.local.LocalTier;
import io.arcfs.tier.local.TierOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/**
 * Who owns the tier of a volume: this process, or the server of a block device that was started
 * before. Stateless.
 */
public final class VolumeTier {
    /** What {@code arc status} says of a tier in the daemon's own process. */
    public static final String IN_PROCESS = "inprocess";

    private VolumeTier() {}

    /**
     * The tier as arc.json has it: {@code auto} takes an export where there is one.
     *
     * @throws NotExportedException for {@code ublk} when no server exports it
     */
    static Tier open(VolumeLayout layout, VolumeDescriptor descriptor) throws IOException {
        Optional<ExportedTier> exported =
                switch (descriptor.device()) {
                    case AUTO, UBLK -> ExportedTier.find(layout.directory(), descriptor.geometry());
                    case INPROCESS -> Optional.empty();
                };
        if (exported.isPresent()) {
            return exported.get();
        }
        if (descriptor.device() == VolumeDescriptor.Device.UBLK) {
            throw new NotExportedException(layout.directory());
        }
        return LocalTier.open(options(layout, descriptor));
    }

    /** The tier owned by this process, for the server that exports it. */
    public static LocalTier openOwned(VolumeLayout layout) throws IOException {
        return LocalTier.open(
                options(layout, DescriptorFile.read(layout.descriptor()).descriptor()));
    }

    static String nameOf(Tier tier) {
        return tier instanceof ExportedTier exported ? exported.node() : IN_PROCESS;
    }

    private static TierOptions options(VolumeLayout layout, VolumeDescriptor descriptor)
            throws IOException {
        List<String> cold =
                descriptor.cold().stream()
                        .map(spec -> spec.resolveIn(layout.directory()).toString())
                        .toList();
        return new TierOptions(
                layout.directory(),
                descriptor.uuid(),
                descriptor.geometry(),
                cold,
                descriptor.copies(),
                ssdLimitBytes(layout, descriptor),
                descriptor.heads());
    }

    /** A volume without a limit of its own may fill its file system. */
    private static long ssdLimitBytes(VolumeLayout layout, VolumeDescriptor descriptor)
            throws IOException {
        long limit = descriptor.ssd().limitBytes();
        return limit > 0 ? limit : Files.getFileStore(layout.directory()).getTotalSpace();
    }
}

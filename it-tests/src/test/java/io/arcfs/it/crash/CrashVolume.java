package io.arcfs.it.crash;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.VolumeState;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.VolumeMaker;
import io.arcfs.recovery.VolumeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Volumes of a shape so small that a few seconds see every step. Stateless. */
final class CrashVolume {
    private CrashVolume() {}

    /** Containers of 1.5 MiB of data, objects of 64 KiB, chunks of 64 KiB. */
    static VolumeSettings settings(List<String> cold, int copies) {
        Map<String, String> values = new TreeMap<>();
        values.put("geometry.chunkBytes", "65536");
        values.put("geometry.objectBytes", "65536");
        values.put("geometry.dataBytes", "1572864");
        values.put("geometry.containerBytes", "2097152");
        values.put("geometry.containers", "4000");
        values.put("merge.policy", "manual");
        return new VolumeSettings(
                cold,
                OptionalInt.of(copies),
                OptionalLong.empty(),
                OptionalLong.of(1L << 40),
                values);
    }

    static void make(Path directory, List<String> cold, int copies) throws IOException {
        VolumeMaker.make(directory, settings(cold, copies), _ -> {});
    }

    /** The failpoints of a container that is given back; the last one of the second container. */
    static final List<String> STEPS_OF_GIVING_BACK =
            List.of(
                    "RELEASE_UNNAMED",
                    "RELEASE_NOTED",
                    "RELEASE_FORGOTTEN",
                    "RELEASE_FREED",
                    "RELEASE_COMMITTED",
                    "RELEASE_COMMITTED@2");

    /** Leaves no container that the next opening would give back. */
    static void giveBackAll(Path directory) throws IOException, InterruptedException {
        try (Volume volume = Volume.open(directory)) {
            volume.overlay().archive();
            volume.overlay().flush();
            volume.overlay().giveBack();
        }
    }

    /** What is not as promised, with the volume opened and closed for it. */
    static List<String> broken(Path directory, List<Path> ledgers, Promise.Crash crash)
            throws IOException {
        try (Volume volume = Volume.open(directory)) {
            CrashTarget target = new DirectTarget(volume.overlay().fileSystem());
            List<String> broken = new java.util.ArrayList<>();
            for (Path ledger : ledgers) {
                broken.addAll(Promise.broken(ledger, target, crash));
            }
            return broken;
        }
    }

    /** Has the volume believe that the machine was booted since it was last open. */
    static void pretendReboot(Path directory) throws IOException {
        Catalog catalog = Catalog.open(directory.resolve("catalog"));
        try {
            VolumeState state = Objects.requireNonNull(catalog.volume());
            try (CatalogBatch batch = catalog.batch()) {
                batch.putVolume(
                        new VolumeState(
                                state.nextInode(), state.nextAppendFile(), "before the power cut"));
                catalog.commit(batch, Sync.YES);
            }
        } finally {
            catalog.close();
        }
    }
}

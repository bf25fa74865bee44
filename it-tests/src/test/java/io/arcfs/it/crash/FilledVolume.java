package io.arcfs.it.crash;

import io.arcfs.overlay.MergeScope;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A volume with a history: several rounds, merges, changes of archived files. Stateless. */
final class FilledVolume {
    private FilledVolume() {}

    /**
     * Adds to a volume and has everything archived and on its media.
     *
     * @return what it shows
     */
    static Map<String, String> fill(Path directory, Path ledger, int firstWorker, int rounds)
            throws Exception {
        try (Volume volume = Volume.open(directory);
                Ledger notes = Ledger.append(ledger)) {
            CrashTarget target = new DirectTarget(volume.overlay().fileSystem());
            Workload one = new Workload(target, notes, firstWorker, 7, new AtomicLong());
            Workload two = new Workload(target, notes, firstWorker + 1, 8, new AtomicLong());
            one.begin();
            two.begin();
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < 60; i++) {
                    one.step();
                    two.step();
                }
                volume.overlay().archive();
                if (round % 3 == 1) {
                    volume.overlay().merge(MergeScope.ALL);
                }
                if (round % 2 == 0) {
                    volume.overlay().flush();
                }
            }
            volume.overlay().archive();
            volume.overlay().flush();
            return Shown.by(volume.overlay().fileSystem());
        }
    }

    static Map<String, String> shown(Path directory) throws IOException {
        try (Volume volume = Volume.open(directory)) {
            return Shown.by(volume.overlay().fileSystem());
        }
    }
}

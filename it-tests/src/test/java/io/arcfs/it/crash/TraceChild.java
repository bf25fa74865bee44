package io.arcfs.it.crash;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.failpoint.Faults;
import io.arcfs.recovery.rebuild.Rebuild;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lives through all there is in a volume's life with {@link StepTrace} at watch, and writes what it
 * saw. Arguments: directory, report.
 */
final class TraceChild {
    private TraceChild() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        StepTrace trace = new StepTrace();
        Faults.install(trace);
        Path volume = directory.resolve("volume");
        List<String> media =
                List.of(
                        "dir:" + Files.createDirectory(directory.resolve("cold")),
                        "block:" + directory.resolve("disk") + "?size=1G");
        CrashVolume.make(volume, media, 2);
        for (int run = 1; run <= 2; run++) {
            CrashChild.main(
                    new String[] {
                        volume.toString(),
                        directory.resolve("ledger").toString(),
                        Integer.toString(run * 10),
                        "5",
                        "4000",
                        run == 1 ? "rounds" : "rounds+" + CrashChild.GIVES_BACK
                    });
        }
        Rebuild.run(directory.resolve("again"), media, null);
        Faults.install(null);
        List<String> lines = new ArrayList<>();
        trace.gaps().forEach((gap, subject) -> lines.add("gap " + gap + " (" + subject + ")"));
        trace.places().forEach(place -> lines.add("place " + place));
        for (Failpoint point : trace.reached()) {
            lines.add("reached " + point);
        }
        Files.write(Path.of(arguments[1]), lines);
    }
}

package io.arcfs.it.crash;

import io.arcfs.recovery.rebuild.Rebuild;
import java.nio.file.Path;
import java.util.List;

/** Makes or rebuilds a volume and dies at it. Arguments: what, directory, media with commas. */
final class RebuildChild {
    private RebuildChild() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        List<String> specs = List.of(arguments[2].split(",", -1));
        if (arguments[0].equals("make")) {
            CrashVolume.make(directory, specs, 1);
        } else {
            Rebuild.run(directory, specs, null);
        }
    }
}

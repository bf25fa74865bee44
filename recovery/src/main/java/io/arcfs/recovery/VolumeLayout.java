package io.arcfs.recovery;

import java.nio.file.Path;
import java.util.Set;

/**
 * Names of what stands in a volume directory. Immutable.
 *
 * @param directory the volume, absolute
 */
public record VolumeLayout(Path directory) {
    /** Directories of arcfs's own; no cold medium may live in them. */
    static final Set<String> RESERVED = Set.of("catalog", "tier", "upper", "images", "ssd", "log");

    public Path descriptor() {
        return directory.resolve("arc.json");
    }

    public Path lock() {
        return directory.resolve("lock");
    }

    public Path controlSocket() {
        return directory.resolve("control.sock");
    }

    /** What {@code arc status} shows of a volume that is not mounted. */
    public Path statusSnapshot() {
        return directory.resolve("status.json");
    }

    public Path logDirectory() {
        return directory.resolve("log");
    }
}

package io.arcfs.it.crash;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a worker's folder really shows. Immutable once read. */
final class Found {
    /** A file's bytes and its xattr. */
    record File(byte[] bytes, @Nullable String xattr) {}

    final Map<String, File> files = new TreeMap<>();
    final TreeSet<String> directories = new TreeSet<>();

    static Found below(CrashTarget target, String folder) throws IOException {
        Found found = new Found();
        found.read(target, folder);
        return found;
    }

    private void read(CrashTarget target, String folder) throws IOException {
        for (String name : target.list(folder)) {
            if (name.endsWith("/")) {
                String path = folder + "/" + name.substring(0, name.length() - 1);
                directories.add(path);
                read(target, path);
            } else {
                String path = folder + "/" + name;
                files.put(path, new File(target.read(path), target.xattr(path)));
            }
        }
    }
}

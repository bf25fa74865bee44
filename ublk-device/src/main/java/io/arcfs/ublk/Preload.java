package io.arcfs.ublk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Loads every class of this module before a device is live: loading one under a request reads its
 * file, which may lie behind the very request (U4). Stateless.
 */
final class Preload {
    private static final List<String> PACKAGES =
            List.of("io/arcfs/uring", "io/arcfs/ublk", "io/arcfs/device", "io/arcfs/posix");

    private Preload() {}

    /** Returns how many were found. */
    static int classesOfTheServer() throws IOException {
        List<String> names = new ArrayList<>();
        CodeSource source = Preload.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            return 0; // in the JDK's own image: nothing is read later
        }
        Path place = Path.of(URI.create(source.getLocation().toString()));
        if (Files.isDirectory(place)) {
            collect(place, names);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(place, Map.of())) {
                collect(jar.getPath("/"), names);
            }
        }
        for (String name : names) {
            try {
                Class.forName(name, true, Preload.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                // An optional part, such as liburing's, that this machine lacks.
            }
        }
        return names.size();
    }

    private static void collect(Path root, List<String> names) throws IOException {
        for (String name : PACKAGES) {
            Path directory = root.resolve(name);
            if (!Files.isDirectory(directory)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(directory)) {
                files.map(file -> root.relativize(file).toString())
                        .filter(file -> file.endsWith(".class"))
                        .filter(file -> !file.endsWith("-info.class"))
                        .map(file -> file.substring(0, file.length() - 6).replace('/', '.'))
                        .forEach(names::add);
            }
        }
    }
}

package io.arcfs.ublk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Loads every class of this module before a device is live: loading one under a request reads its
 * file, which may lie behind the very request (U4). Stateless.
 */
public final class Preload {
    private static final List<String> PACKAGES =
            List.of("io/arcfs/uring/", "io/arcfs/ublk/", "io/arcfs/device/", "io/arcfs/posix/");

    private Preload() {}

    /** Returns how many were found. */
    public static int classesOfTheServer() throws IOException {
        List<String> names = new ArrayList<>();
        CodeSource source = Preload.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            return 0; // in the JDK's own image: nothing is read later
        }
        Path place = Path.of(URI.create(source.getLocation().toString()));
        if (Files.isDirectory(place)) {
            collect(place, names);
        } else {
            try (JarFile jar = new JarFile(place.toFile())) {
                jar.stream().map(JarEntry::getName).filter(Preload::isOurs).forEach(names::add);
            }
        }
        for (String file : names) {
            String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
            try {
                Class.forName(name, true, Preload.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                // An optional part, such as liburing's, that this machine lacks.
            }
        }
        return names.size();
    }

    private static void collect(Path root, List<String> names) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            files.map(file -> root.relativize(file).toString())
                    .filter(Preload::isOurs)
                    .forEach(names::add);
        }
    }

    private static boolean isOurs(String file) {
        return file.endsWith(".class")
                && !file.endsWith("-info.class")
                && PACKAGES.stream().anyMatch(file::startsWith);
    }
}

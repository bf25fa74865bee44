package io.arcfs.it.crash;

import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Project;
import io.arcfs.it.kit.Scratch;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The classes of child JVMs, and an AOT cache of what they load: hundreds of them are started, and
 * half of what a short life costs is loading classes. Made once for all children of a test run.
 *
 * @param path of jars alone: a cache takes no folders
 * @param cache options that name the cache; none if there is no cache
 */
record ChildClasses(String path, List<String> cache) {
    private static @Nullable ChildClasses made;

    static synchronized ChildClasses get(List<String> jvm) throws IOException {
        ChildClasses known = made;
        if (known == null) {
            Path folder = Project.target().resolve("children");
            Command.of("rm", "-rf", folder).succeed();
            Files.createDirectories(folder);
            String path = jars(folder);
            known = new ChildClasses(path, trained(folder.resolve("children.aot"), path, jvm));
            made = known;
        }
        return known;
    }

    private static String jars(Path folder) {
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path classes = Path.of(entry);
            if (Files.isDirectory(classes)) {
                Path jar = folder.resolve(jars.size() + ".jar");
                int exit =
                        ToolProvider.findFirst("jar")
                                .orElseThrow()
                                .run(
                                        System.out,
                                        System.err,
                                        "--create",
                                        "--no-compress",
                                        "--file",
                                        jar.toString(),
                                        "-C",
                                        classes.toString(),
                                        ".");
                if (exit != 0) {
                    throw new AssertionError("cannot make " + jar);
                }
                entry = jar.toString();
            }
            if (Files.exists(Path.of(entry))) {
                jars.add(entry);
            }
        }
        return String.join(File.pathSeparator, jars);
    }

    /** A life like those to come, noted by the JVM. Without it children only start slower. */
    private static List<String> trained(Path cache, String path, List<String> jvm)
            throws IOException {
        Path directory = Scratch.inMemory("training");
        Path volume = directory.resolve("volume");
        CrashVolume.make(
                volume,
                List.of(
                        "dir:" + Files.createDirectory(directory.resolve("cold")),
                        "block:" + directory.resolve("disk") + "?size=100M"),
                2);
        List<Object> argv = new ArrayList<>(jvm);
        argv.addAll(List.of("-XX:AOTCacheOutput=" + cache, "-cp", path));
        argv.addAll(List.of(CrashChild.class.getName(), volume));
        argv.addAll(List.of(Files.createFile(directory.resolve("ledger")), 10, 1, 1000, "rounds"));
        Command.of(argv.toArray()).run();
        Scratch.delete(directory);
        return Files.exists(cache) ? List.of("-XX:AOTCache=" + cache) : List.of();
    }
}

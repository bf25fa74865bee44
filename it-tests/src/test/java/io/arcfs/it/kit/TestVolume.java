package io.arcfs.it.kit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A volume of a test with its mountpoint, in a scratch directory of its own. Closing it unmounts,
 * ends the daemon by its own pid whatever state it is in, keeps its log and deletes the rest.
 */
public final class TestVolume implements AutoCloseable {
    private final ArcCli arc;
    private final Path directory;
    private final Path volume;
    private final Path mountPoint;

    private TestVolume(ArcCli arc, Path directory, Path volume) {
        this.arc = arc;
        this.directory = directory;
        this.volume = volume;
        this.mountPoint = directory.resolve("mnt");
    }

    /** {@code arc mkfs} with these options, not mounted. */
    public static TestVolume make(Object... mkfsOptions) {
        Path directory = Scratch.directory("vol");
        return makeAt(directory, directory.resolve("volume"), mkfsOptions);
    }

    /** The same with the volume elsewhere, for example on a small file system. */
    public static TestVolume makeAt(Path directory, Path volume, Object... mkfsOptions) {
        TestVolume made = new TestVolume(ArcCli.ofThisProject(), directory, volume);
        List<Object> arguments = new ArrayList<>(List.of("mkfs", volume));
        arguments.addAll(Arrays.asList(mkfsOptions));
        try {
            Files.createDirectories(made.mountPoint);
            made.arc.succeed(arguments.toArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Throwable e) {
            made.close();
            throw e;
        }
        return made;
    }

    public static TestVolume makeAndMount(Object... mkfsOptions) {
        TestVolume made = make(mkfsOptions);
        try {
            made.mount();
        } catch (Throwable e) {
            made.close();
            throw e;
        }
        return made;
    }

    public Path directory() {
        return directory;
    }

    public Path volume() {
        return volume;
    }

    public Path mountPoint() {
        return mountPoint;
    }

    public ArcCli arc() {
        return arc;
    }

    public void mount(Object... options) {
        List<Object> arguments = new ArrayList<>(List.of("mount", volume, mountPoint));
        arguments.addAll(Arrays.asList(options));
        arc.succeed(arguments.toArray());
        if (!Mounts.isMounted(mountPoint)) {
            throw new AssertionError("arc mount exited with 0, but nothing is mounted");
        }
    }

    public void unmount() {
        arc.succeed("umount", mountPoint);
        if (Mounts.isMounted(mountPoint)) {
            throw new AssertionError("arc umount exited with 0, but it is still mounted");
        }
    }

    public JsonNode status() {
        return arc.status(volume);
    }

    /** The verb on this volume, for example {@code arc archive VOLUME}. */
    public Command.Outcome arc(String verb, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(verb, volume));
        arguments.addAll(Arrays.asList(more));
        return arc.succeed(arguments.toArray());
    }

    public ProcessHandle daemon() {
        long pid = status().path("pid").asLong(0);
        return ProcessHandle.of(pid)
                .orElseThrow(() -> new AssertionError("no daemon with the pid of status: " + pid));
    }

    /** Names of the layers in status, newest first, the upper included. */
    public List<String> layers() {
        List<String> names = new ArrayList<>();
        status().path("layers").forEach(layer -> names.add(layer.path("name").asText()));
        return names;
    }

    /** The names of the archived layers, newest first. */
    public List<String> archivedLayers() {
        return layers().stream().filter(name -> name.startsWith("arc_")).toList();
    }

    /** The metadata image of an archived layer: arc_00_04 lies in images/meta.00_04. */
    public Path image(String layer) {
        return volume.resolve("images/meta." + layer.substring("arc_".length()));
    }

    @Override
    public void close() {
        Optional<ProcessHandle> daemon = findDaemon();
        if (Mounts.isMounted(mountPoint)) {
            Command.of(arc.launcher(), "umount", mountPoint).within(Duration.ofMinutes(2)).run();
        }
        daemon.ifPresent(TestVolume::end);
        Scratch.sweep(mountPoint);
        keepLog();
        if (Scratch.owns(directory)) {
            Scratch.delete(directory);
        }
    }

    private Optional<ProcessHandle> findDaemon() {
        if (!Files.isDirectory(volume) || !Files.isExecutable(arc.launcher())) {
            return Optional.empty();
        }
        Command.Outcome status = arc.within(Duration.ofMinutes(1)).run("status", volume, "--json");
        java.util.regex.Matcher pid =
                java.util.regex.Pattern.compile("\"pid\"\\s*:\\s*(\\d+)").matcher(status.out());
        return pid.find() ? ProcessHandle.of(Long.parseLong(pid.group(1))) : Optional.empty();
    }

    private static void end(ProcessHandle daemon) {
        for (int i = 0; i < 100 && daemon.isAlive(); i++) {
            pause();
        }
        if (daemon.isAlive()) {
            daemon.destroyForcibly();
            daemon.onExit().join();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keepLog() {
        Path log = volume.resolve("log");
        if (Files.isDirectory(log)) {
            Path kept = Project.target().resolve("daemon-logs").resolve(directory.getFileName());
            Command.of("mkdir", "-p", kept).succeed();
            Command.of("cp", "-r", log + "/.", kept).run();
        }
    }
}

package io.arcfs.erofs.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Mounts and loop devices of one test, undone in reverse order. Confined to one thread. */
public final class KernelMounts implements AutoCloseable {
    private final Path directory;
    private final Deque<List<String>> undo = new ArrayDeque<>();

    public KernelMounts(Path directory) {
        this.directory = directory;
    }

    /** Mounts an image through loop devices, its extra devices in order. */
    public Path erofs(Path image, List<Path> devices) throws IOException {
        StringBuilder options = new StringBuilder("ro");
        for (Path device : devices) {
            options.append(",device=").append(loop(device));
        }
        return mount("erofs", loop(image), options.toString());
    }

    /** Mounts lowers, the oldest first, without an upper. */
    public Path overlay(List<Path> oldestFirst) throws IOException {
        List<String> lowers = new ArrayList<>();
        for (Path lower : oldestFirst) {
            lowers.addFirst(lower.toString());
        }
        return mount(
                "overlay",
                "overlay",
                "ro,redirect_dir=follow,xino=off,lowerdir=" + String.join(":", lowers));
    }

    public Path mount(String type, String source, String options) throws IOException {
        Path point = Files.createTempDirectory(directory, "mnt");
        run("mount", "-t", type, "-o", options, source, point.toString());
        undo.push(List.of("umount", point.toString()));
        return point;
    }

    /** Unmounts what was mounted last. */
    public void unmountLast() throws IOException {
        List<String> command = undo.pop();
        run(command.toArray(String[]::new));
    }

    private String loop(Path file) throws IOException {
        String device = run("losetup", "--find", "--show", "--read-only", file.toString()).strip();
        undo.push(List.of("losetup", "--detach", device));
        return device;
    }

    /** Runs a command to its end; what it printed. */
    public static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
            return output;
        } catch (InterruptedException e) {
            process.destroy();
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        while (!undo.isEmpty()) {
            try {
                unmountLast();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}

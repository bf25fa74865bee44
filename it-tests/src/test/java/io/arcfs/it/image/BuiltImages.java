package io.arcfs.it.image;

import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Images with devices of their own, mounted by the kernel; closing undoes it. */
final class BuiltImages implements AutoCloseable {
    private final Path directory = Scratch.directory("img");
    private final List<List<Object>> undo = new ArrayList<>();

    /** Mounts an image with its devices in their order. */
    Path mount(Path image, Path... devices) throws IOException {
        StringBuilder options = new StringBuilder("ro");
        for (Path device : devices) {
            options.append(",device=").append(loop(device));
        }
        return mounted("erofs", loop(image), options.toString());
    }

    /** A new file system that shares blocks between files, in a file. */
    Path xfs(long bytes) throws IOException {
        Path disk = directory.resolve("disk" + undo.size());
        try (RandomAccessFile made = new RandomAccessFile(disk.toFile(), "rw")) {
            made.setLength(bytes);
        }
        Command.of("mkfs.xfs", "-q", "-m", "reflink=1", disk).succeed();
        return mounted("xfs", disk.toString(), "loop");
    }

    /** What kernel overlayfs shows of directories, the oldest first. */
    Path overlay(List<Path> oldestFirst) throws IOException {
        List<String> lowers = new ArrayList<>();
        oldestFirst.forEach(lower -> lowers.addFirst(lower.toString()));
        return mounted(
                "overlay",
                "overlay",
                "ro,redirect_dir=follow,lowerdir=" + String.join(":", lowers));
    }

    /** An overlay whose changes go to {@code upper}, as layers are made. */
    Path overlay(List<Path> oldestFirst, Path upper) throws IOException {
        List<String> lowers = new ArrayList<>();
        oldestFirst.forEach(lower -> lowers.addFirst(lower.toString()));
        Path work = Files.createTempDirectory(directory, "w");
        return mounted(
                "overlay",
                "overlay",
                "redirect_dir=on,metacopy=off,lowerdir=%s,upperdir=%s,workdir=%s"
                        .formatted(String.join(":", lowers), upper, work));
    }

    /** Undoes the newest mount. */
    void unmountLast() {
        Command.of(undo.removeFirst().toArray()).succeed();
    }

    Path directory() {
        return directory;
    }

    private String loop(Path file) {
        String loop = Command.of("losetup", "-r", "-f", "--show", file).succeed().out().strip();
        undo.addFirst(List.of("losetup", "-d", loop));
        return loop;
    }

    private Path mounted(String type, String source, String options) throws IOException {
        Path point = Files.createTempDirectory(directory, "m");
        Command.of("mount", "-t", type, "-o", options, source, point).succeed();
        undo.addFirst(List.of("umount", point));
        return point;
    }

    @Override
    public void close() {
        while (!undo.isEmpty()) {
            unmountLast();
        }
        Scratch.delete(directory);
    }
}

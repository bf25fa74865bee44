package io.arcfs.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who keeps a mount busy: processes with a working directory, root, program, mapping or open file
 * below it. Reads only links and tables of /proc, so it never waits for the mount itself.
 *
 * @param pid the process
 * @param command its short name
 * @param path one thing it holds
 */
record MountUsers(long pid, String command, String path) {
    private static final Path PROC = Path.of("/proc");
    private static final List<String> SINGLE_LINKS = List.of("cwd", "root", "exe");

    /** Every process seen to hold something; those of other users stay unseen without root. */
    static List<MountUsers> of(Path mountpoint) {
        List<MountUsers> users = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                heldBy(process, mountpoint)
                        .ifPresent(path -> users.add(user(process, path, mountpoint)));
            }
        } catch (IOException e) {
            return users; // what was seen until /proc failed us
        }
        return users;
    }

    private static MountUsers user(Path process, String held, Path mountpoint) {
        String command;
        try {
            command = Files.readString(process.resolve("comm")).strip();
        } catch (IOException e) {
            command = "?";
        }
        String relative = held.substring(mountpoint.toString().length());
        long pid = Long.parseLong(process.getFileName().toString());
        return new MountUsers(pid, command, relative.isEmpty() ? "." : relative.substring(1));
    }

    private static Optional<String> heldBy(Path process, Path mountpoint) {
        for (String name : SINGLE_LINKS) {
            Optional<String> target = below(process.resolve(name), mountpoint);
            if (target.isPresent()) {
                return target;
            }
        }
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            Optional<String> open =
                    descriptors
                            .map(fd -> below(fd, mountpoint))
                            .flatMap(Optional::stream)
                            .findAny();
            if (open.isPresent()) {
                return open;
            }
        } catch (IOException | UncheckedIOException e) {
            // gone, or somebody else's: nothing to say about it
        }
        return mapped(process, mountpoint);
    }

    private static Optional<String> mapped(Path process, Path mountpoint) {
        String prefix = mountpoint + "/";
        try (Stream<String> maps = Files.lines(process.resolve("maps"))) {
            return maps.map(line -> line.substring(Math.max(0, line.indexOf('/'))))
                    .filter(path -> path.startsWith(prefix))
                    .findAny();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> below(Path link, Path mountpoint) {
        try {
            String target = Files.readSymbolicLink(link).toString();
            String root = mountpoint.toString();
            return target.equals(root) || target.startsWith(root + "/")
                    ? Optional.of(target)
                    : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** As one phrase, or that nobody was seen. */
    static String describe(Path mountpoint) {
        Optional<String> mountBelow = mountBelow(mountpoint);
        if (mountBelow.isPresent()) {
            return "another mount is at " + mountBelow.get();
        }
        List<MountUsers> users = of(mountpoint);
        if (users.isEmpty()) {
            return "no process of yours holds it, another user's may";
        }
        List<String> phrases = new ArrayList<>();
        for (MountUsers user : users.subList(0, Math.min(users.size(), 5))) {
            phrases.add(user.command + " (pid " + user.pid + ": " + user.path + ")");
        }
        String more = users.size() > 5 ? " and " + (users.size() - 5) + " more" : "";
        return "held by " + String.join(", ", phrases) + more;
    }

    private static Optional<String> mountBelow(Path mountpoint) {
        return MountTable.now().entries().stream()
                .map(MountTable.Entry::mountpoint)
                .filter(path -> path.startsWith(mountpoint + "/"))
                .findFirst();
    }
}

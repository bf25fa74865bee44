package io.arcfs.posix;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a process has from the one that started it, and how a daemon lets go of it: otherwise a
 * directory stays busy, a lock held and a pipe open for as long as the daemon lives. Stateless.
 */
public final class Inheritance {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path DESCRIPTOR_FLAGS = Path.of("/proc/self/fdinfo");
    private static final String FLAGS = "flags:";
    private static final int O_CLOEXEC = 0x80000;
    private static final int STANDARD_ERROR = 2;

    private Inheritance() {}

    /**
     * Closes the descriptors that were open when this program was executed, but for the three
     * standard ones. For the very start of a process: what it opened itself is known by its
     * close-on-exec flag, and the JVM's files that lack it, its runtime and jars, by their places.
     */
    public static void closeDescriptors() throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> open = Files.newDirectoryStream(DESCRIPTORS)) {
            open.forEach(all::add);
        }
        List<String> own = places();
        for (Path entry : all) {
            int descriptor = Integer.parseInt(entry.getFileName().toString());
            if (descriptor > STANDARD_ERROR && isInherited(entry, own)) {
                close(descriptor);
            }
        }
    }

    /** Where the JVM opens files by itself. */
    private static List<String> places() throws IOException {
        List<String> places = new ArrayList<>(List.of("/proc/", "/sys/"));
        places.add(directory(Path.of(System.getProperty("java.home", "/"))));
        for (String jar : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            Path place = Path.of(jar).toAbsolutePath().getParent();
            if (!jar.isEmpty() && place != null) {
                places.add(directory(place));
            }
        }
        return places;
    }

    private static String directory(Path place) throws IOException {
        return place.toRealPath() + "/";
    }

    private static boolean isInherited(Path entry, List<String> own) {
        try {
            String target = Files.readSymbolicLink(entry).toString();
            return own.stream().noneMatch(target::startsWith) && survivesExec(entry);
        } catch (IOException e) {
            // Closed meanwhile, as that of the listing is.
            return false;
        }
    }

    private static boolean survivesExec(Path entry) throws IOException {
        for (String line : Files.readAllLines(DESCRIPTOR_FLAGS.resolve(entry.getFileName()))) {
            if (line.startsWith(FLAGS)) {
                int flags = Integer.parseInt(line.substring(FLAGS.length()).strip(), 8);
                return (flags & O_CLOEXEC) == 0;
            }
        }
        return false;
    }

    /** Lets a descriptor, one of the standard streams, refer to this file from now on. */
    public static void redirect(int descriptor, PosixFile file) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try {
            if (Libc.dup2(scratch.capture, file.descriptor(), descriptor) < 0) {
                throw new PosixException("dup2", scratch.lastErrno(), file.toString());
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }

    /**
     * Leaves the working directory for the root. Relative paths of java.nio and java.io mean
     * another file afterwards.
     */
    public static void leaveDirectory() throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment root = arena.allocateFrom("/", StandardCharsets.UTF_8);
            if (Libc.chdir(scratch.capture, root) < 0) {
                throw new PosixException("chdir", scratch.lastErrno(), "/");
            }
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }

    private static void close(int descriptor) throws IOException {
        CallScratch scratch = CallScratch.ofThread();
        try {
            // EBADF: somebody else closed it. Linux gives it back whatever close(2) says.
            int _ = Libc.close(scratch.capture, descriptor);
        } catch (Throwable t) {
            throw Posix.rethrow(t);
        }
    }
}

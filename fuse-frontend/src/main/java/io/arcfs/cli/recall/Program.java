package io.arcfs.cli.recall;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A running program, as far as /proc tells. Immutable.
 *
 * @param pid of the process, not of the thread that was seen; 0 if nobody knows
 * @param command its name for people
 * @param names by which it goes, and those of the programs that started it, nearest first
 */
record Program(int pid, String command, List<String> names) {
    static final Program UNKNOWN = new Program(0, "unknown", List.of());

    /** The kernel cuts names of commands to so many bytes. */
    static final int COMM_BYTES = 15;

    /** A thumbnailer is started by a helper that is started by the service. */
    private static final int GENERATIONS = 4;

    private static final Path PROC = Path.of("/proc");

    /**
     * @param thread as the kernel names who asks
     */
    static Program of(int thread) {
        return of(PROC, thread);
    }

    static Program of(Path proc, int thread) {
        if (thread <= 0) {
            return UNKNOWN;
        }
        Set<String> names = new LinkedHashSet<>();
        int process = 0;
        String command = "";
        int at = thread;
        for (int i = 0; i < GENERATIONS && at > 1; i++) {
            Status status = Status.read(proc, at);
            if (status == null) {
                break;
            }
            String comm = read(proc.resolve(Integer.toString(status.process)).resolve("comm"));
            String file = executable(proc.resolve(Integer.toString(status.process)));
            if (i == 0) {
                process = status.process;
                command = comm.length() == COMM_BYTES && file.startsWith(comm) ? file : comm;
            }
            addIfAny(names, comm);
            addIfAny(names, file);
            at = status.parent;
        }
        return process == 0
                ? new Program(thread, "pid " + thread + " (ended)", List.of())
                : new Program(process, command, List.copyOf(names));
    }

    /** Whether it, or who started it, goes by the name. */
    boolean isCalled(String name) {
        String cut = name.length() > COMM_BYTES ? name.substring(0, COMM_BYTES) : name;
        return names.contains(name) || names.contains(cut);
    }

    private static void addIfAny(Set<String> names, String name) {
        if (!name.isEmpty()) {
            names.add(name);
        }
    }

    private static String executable(Path process) {
        try {
            Path target = Files.readSymbolicLink(process.resolve("exe"));
            Path name = target.getFileName();
            return name == null ? "" : name.toString().replaceFirst(" \\(deleted\\)$", "");
        } catch (IOException | RuntimeException e) {
            return ""; // somebody else's process, or one that is no more
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** What /proc/PID/status says; the same file exists for a thread. */
    private record Status(int process, int parent) {
        static @org.jspecify.annotations.Nullable Status read(Path proc, int thread) {
            int process = 0;
            int parent = 0;
            String text = Program.read(proc.resolve(Integer.toString(thread)).resolve("status"));
            for (String line : text.lines().toList()) {
                if (line.startsWith("Tgid:")) {
                    process = Integer.parseInt(line.substring(5).strip());
                } else if (line.startsWith("PPid:")) {
                    parent = Integer.parseInt(line.substring(5).strip());
                }
            }
            return process == 0 ? null : new Status(process, parent);
        }
    }
}

package io.arcfs.cli.daemon;

import io.arcfs.posix.Inheritance;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.recovery.VolumeLayout;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a process that becomes a daemon tells the one that started it how that went, and leaves it.
 *
 * <p>The launcher, or {@link DaemonProcess}, starts it in a session of its own with the property
 * {@value #PROPERTY}, and reads its standard output to the end. The last of it is an answer:
 * {@value #ANSWER}, a space and an exit code on a line, then what is said to the user. What comes
 * before it is the JVM's. No answer means that the process died.
 *
 * <p>Stateless.
 */
public final class Detachment {
    public static final String PROPERTY = "arcfs.detach";

    /** Descriptors above nine that it has from who started it; the launcher closes the others. */
    private static final String INHERITED = "arcfs.inherited";

    public static final String ANSWER = "arcfs-daemon";

    private static final int STANDARD_INPUT = 0;
    private static final int STANDARD_OUTPUT = 1;
    private static final int STANDARD_ERROR = 2;
    private static final long LOG_BYTES = 1 << 20;
    private static final Path NOTHING = Path.of("/dev/null");

    private Detachment() {}

    /** Whether somebody waits for this process to become a daemon. */
    public static boolean isAsked() {
        return Boolean.getBoolean(PROPERTY);
    }

    /** At the start of such a process: no lock or pipe of who started it stays open with it. */
    public static void begin() throws IOException {
        String inherited = System.getProperty(INHERITED, "");
        if (!inherited.isEmpty()) {
            for (String descriptor : inherited.split(",", -1)) {
                Inheritance.close(Integer.parseInt(descriptor));
            }
        }
    }

    /**
     * This process serves: says so and lets go of everything it was started with. What is written
     * to standard error from now on goes to the log, which is where a crash of the JVM is told.
     *
     * @param said to the user; may be empty
     * @throws IOException if nobody waits any more: the user has given up, or was killed
     */
    static void serving(String said, VolumeLayout volume) throws IOException {
        Inheritance.leaveDirectory();
        try (PosixFile nothing = PosixFile.open(NOTHING, OpenFlag.READ, OpenFlag.WRITE);
                PosixFile log =
                        PosixFile.open(
                                logOf(volume), OpenFlag.WRITE, OpenFlag.CREATE, OpenFlag.APPEND)) {
            Inheritance.redirect(STANDARD_INPUT, nothing);
            Inheritance.redirect(STANDARD_ERROR, log);
            answer(0, said);
            // The end of the answer is the end of the pipe.
            Inheritance.redirect(STANDARD_OUTPUT, nothing);
        }
    }

    /** Its descriptor is the process's own and stays open. */
    @SuppressWarnings("resource")
    public static void answer(int exitCode, String said) throws IOException {
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        String answer = ANSWER + " " + exitCode + "\n" + said + "\n";
        out.write(answer.getBytes(StandardCharsets.UTF_8));
    }

    /** What the JVM of a daemon writes by itself; begun anew when it has grown. */
    static Path logOf(VolumeLayout volume) throws IOException {
        Files.createDirectories(volume.logDirectory());
        Path log = volume.logDirectory().resolve("daemon.log");
        if (Files.isRegularFile(log) && Files.size(log) > LOG_BYTES) {
            Files.delete(log);
        }
        return log;
    }
}

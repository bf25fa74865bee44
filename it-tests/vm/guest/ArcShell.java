import io.arcfs.cli.verb.ArcCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The arc command as a process that stays: an emulated machine takes half a minute to start a JVM.
 * Per line of the first pipe, words between tabs, one command; its output goes to DIR/out and
 * DIR/err, its exit code to the second pipe. "property NAME VALUE" sets one for the commands that
 * follow. Started by lib.sh.
 */
public final class ArcShell {
    private ArcShell() {}

    public static void main(String[] files) throws IOException {
        Path directory = Path.of(files[0]);
        // Servers and daemons are started as from the command itself, with its archive of classes.
        System.setProperty(
                "java.class.path", System.getProperty("java.class.path", "").split(":", -1)[0]);
        // Both ends of both pipes are here: nobody who opens one waits for anybody.
        try (RandomAccessFile commands = pipe(directory.resolve("commands"));
                RandomAccessFile exits = pipe(directory.resolve("exits"))) {
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                exits.writeBytes(run(directory, line.split("\t")) + "\n");
            }
        }
    }

    private static int run(Path directory, String[] words) throws IOException {
        try (PrintWriter out = writer(directory.resolve("out"));
                PrintWriter err = writer(directory.resolve("err"))) {
            if (words[0].equals("property")) {
                System.setProperty(words[1], words.length > 2 ? words[2] : "");
                return 0;
            }
            return ArcCommand.run(words, out, err);
        }
    }

    private static RandomAccessFile pipe(Path file) throws IOException {
        return new RandomAccessFile(file.toFile(), "rw");
    }

    private static PrintWriter writer(Path file) throws IOException {
        return new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true);
    }
}

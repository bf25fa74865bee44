import io.arcfs.cli.verb.ArcCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The arc command as a process that stays: an emulated machine takes half a minute to start a JVM.
 * Per line of the first file, words between tabs, one command; its output goes to DIR/out and
 * DIR/err, its exit code to the second file. "property NAME VALUE" sets one for the commands that
 * follow. Started by lib.sh.
 */
public final class ArcShell {
    private ArcShell() {}

    public static void main(String[] files) throws Exception {
        Path directory = Path.of(files[0]);
        while (true) {
            // A pipe: opening it waits for whoever writes the next command.
            for (String line : Files.readAllLines(directory.resolve("commands"))) {
                String[] words = line.split("\t");
                int exitCode = 0;
                try (PrintWriter out = writer(directory.resolve("out"));
                        PrintWriter err = writer(directory.resolve("err"))) {
                    if (words[0].equals("property")) {
                        System.setProperty(words[1], words.length > 2 ? words[2] : "");
                    } else {
                        exitCode = ArcCommand.run(words, out, err);
                    }
                }
                Files.writeString(
                        directory.resolve("exits"), exitCode + "\n", StandardOpenOption.WRITE);
            }
        }
    }

    private static PrintWriter writer(Path file) throws Exception {
        return new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true);
    }
}

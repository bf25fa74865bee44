package io.arcfs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@link Training} does for short commands, for those that make and read images. */
public final class ImageTraining {
    private static final int DIRECTORIES = 20;
    private static final int FILES = 20;

    private ImageTraining() {}

    /**
     * @param arguments an empty directory, for what the commands work on
     */
    public static void main(String[] arguments) throws IOException {
        Path scratch = Path.of(arguments[0]);
        Path tree = scratch.resolve("tree");
        for (int d = 0; d < DIRECTORIES; d++) {
            Path directory = Files.createDirectories(tree.resolve("directory" + d));
            for (int f = 0; f < FILES; f++) {
                Files.writeString(directory.resolve("file" + f), "content".repeat(f * d));
            }
        }
        Training.arc(
                "image", "build", tree.toString(), scratch + "/meta", "--blob", scratch + "/blob");
        Training.arc("image", "build", tree.toString(), scratch + "/alone");
        Training.arc("image", "merge", scratch + "/merged", scratch + "/meta", scratch + "/alone");
        Training.arc("image", "check", scratch + "/merged");
        Training.arc("image", "ls", scratch + "/merged");
    }
}

package io.arcfs.erofs.write;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** A program that writes a {@link GeneratedTree}, to be given little memory. */
final class WriteGeneratedTree {
    /** Heap that the program and the JVM's own objects take, whatever the tree. */
    static final long OWN_BYTES = 6L << 20;

    private static final int STEP = 7919;

    private WriteGeneratedTree() {}

    public static void main(String[] arguments) throws IOException {
        WrittenImage written =
                ImageWriter.write(
                        new GeneratedTree(Integer.parseInt(arguments[0]), STEP),
                        new ImageOptions(new UUID(1, 2), "", 0, List.of()),
                        Path.of(arguments[1]),
                        Durability.CACHED);
        System.out.println(written.inodes() + " inodes");
    }
}

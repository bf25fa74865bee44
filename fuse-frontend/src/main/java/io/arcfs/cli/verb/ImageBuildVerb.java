package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.Humane;
import io.arcfs.cli.image.ImageBuild;
import io.arcfs.erofs.write.UnwritableTreeException;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc image build}: an image of a directory. */
@Command(name = "build", description = "Make a stand-alone image of a directory.")
final class ImageBuildVerb extends Verb {
    @Parameters(index = "0", paramLabel = "DIR", description = "the tree to make an image of")
    String directory = "";

    @Parameters(index = "1", paramLabel = "META", description = "the image, a new file")
    String meta = "";

    @Option(
            names = "--blob",
            paramLabel = "FILE",
            description = "a new file for the data; default: in the image")
    @Nullable String blob;

    @Option(
            names = "--uuid",
            paramLabel = "UUID",
            description = "the image's identity; default: random")
    @Nullable UUID uuid;

    @Override
    void run() throws Exception {
        Path source = Path.of(directory);
        Path image = Path.of(meta);
        Optional<Path> data = Optional.ofNullable(blob).map(Path::of);
        if (!Files.exists(source)) {
            throw new NoSuchFileException(directory);
        }
        if (!Files.isDirectory(source)) {
            throw new NotDirectoryException(directory);
        }
        requireOutside(source, image);
        if (data.isPresent()) {
            requireOutside(source, data.get());
            if (data.get()
                    .toAbsolutePath()
                    .normalize()
                    .equals(image.toAbsolutePath().normalize())) {
                throw wrongArguments("META and --blob are one file");
            }
        }
        try {
            ImageBuild.Built built =
                    ImageBuild.build(source, image, data, uuid == null ? UUID.randomUUID() : uuid);
            report(built);
        } catch (UnwritableTreeException e) {
            throw new CommandFailure(
                    SafeText.of(directory),
                    String.valueOf(e.getMessage()),
                    "leave it out, or try again when nothing changes there",
                    e);
        }
    }

    private void report(ImageBuild.Built built) {
        if (built.leftOut() > 0) {
            err().println(
                            "arc: image build: left out "
                                    + Humane.counted(built.leftOut(), "attribute")
                                    + " that the format has no place for");
        }
        say(
                "built %s: %s, %d bytes of data"
                        .formatted(
                                SafeText.of(meta),
                                Humane.counted(built.image().inodes(), "inode"),
                                built.dataBytes()));
    }

    /** An image that would hold itself has no end. */
    private static void requireOutside(Path directory, Path file)
            throws CommandFailure, IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null
                && Files.isDirectory(parent)
                && parent.toRealPath().startsWith(directory.toRealPath())) {
            throw new CommandFailure(
                    SafeText.of(file),
                    "lies in the directory that the image is made of",
                    "name a file elsewhere");
        }
    }
}

package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.Humane;
import io.arcfs.cli.image.NewFiles;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.SuperBlock;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.merge.DeviceOrigin;
import io.arcfs.erofs.merge.MergeMode;
import io.arcfs.erofs.merge.MergedTree;
import io.arcfs.erofs.write.Durability;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.UnwritableTreeException;
import io.arcfs.erofs.write.WrittenImage;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code arc image merge}: one image that shows what a stack of images shows. */
@Command(
        name = "merge",
        description = "Merge images into one that shows what overlayfs shows of their stack.")
final class ImageMergeVerb extends Verb {
    @Parameters(index = "0", paramLabel = "OUT", description = "the merged image, a new file")
    String target = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "META",
            description = "images, the oldest first")
    List<String> images = new ArrayList<>();

    @Option(
            names = "--keep-whiteouts",
            description = "keep what hides names in layers below; default: nothing is below")
    boolean keepWhiteouts;

    @Option(
            names = "--uuid",
            paramLabel = "UUID",
            description = "the merged image's identity; default: random")
    @Nullable UUID uuid;

    @Override
    void run() throws Exception {
        try (NewFiles files = new NewFiles()) {
            Path draft = files.draftOf(Path.of(target));
            List<ErofsImage> layers = new ArrayList<>();
            for (String image : images) {
                layers.add(ErofsImage.open(Path.of(image)));
            }
            MergedTree tree = tree(layers);
            WrittenImage written =
                    ImageWriter.write(tree, options(layers, tree), draft, Durability.CACHED);
            files.publish();
            report(tree, written);
        } catch (CorruptImageException | UnsupportedImageException | UnwritableTreeException e) {
            throw new CommandFailure(
                    SafeText.of(target),
                    "not merged: " + e.getMessage(),
                    "see what is wrong with an image with arc image check",
                    e);
        }
    }

    private MergedTree tree(List<ErofsImage> layers) throws IOException {
        return MergedTree.of(layers, keepWhiteouts ? MergeMode.KEEP_MARKS : MergeMode.BOTTOM);
    }

    /** The newest image's time, for what is small there stays small. */
    private ImageOptions options(List<ErofsImage> layers, MergedTree tree) {
        SuperBlock newest = layers.getLast().superBlock();
        return new ImageOptions(
                uuid == null ? UUID.randomUUID() : uuid,
                "",
                newest.epochSeconds(),
                newest.fixedNanos(),
                tree.blockBits(),
                tree.deviceSlots());
    }

    private void report(MergedTree tree, WrittenImage written) {
        say(
                "merged %s into %s: %s, %s"
                        .formatted(
                                Humane.counted(images.size(), "image"),
                                SafeText.of(target),
                                Humane.counted(written.inodes(), "inode"),
                                Humane.counted(tree.deviceSlots().size(), "device")));
        int slot = 1;
        for (DeviceOrigin origin : tree.deviceOrigins()) {
            String image = SafeText.of(images.get(origin.layer()));
            say(
                    "  device %d: %s"
                            .formatted(
                                    slot++,
                                    origin.deviceId() == 0
                                            ? image + " itself"
                                            : "device " + origin.deviceId() + " of " + image));
        }
    }
}

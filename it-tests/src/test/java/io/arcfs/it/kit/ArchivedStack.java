package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The archived layers of a volume as they stood at one moment: copies of their metadata images and
 * a dump of the device, so that merges which go on meanwhile do not matter. Immutable.
 *
 * @param layers names, newest first
 * @param images one per layer
 */
public record ArchivedStack(List<String> layers, List<Path> images, Path device) {
    private static final int ATTEMPTS = 20;

    public ArchivedStack {
        layers = List.copyOf(layers);
        images = List.copyOf(images);
    }

    /** Takes the copies; nothing may be written to the mount meanwhile. */
    public static ArchivedStack of(TestVolume volume, Path into) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            List<String> layers = volume.archivedLayers();
            List<Path> images = new ArrayList<>();
            boolean allThere = true;
            for (String layer : layers) {
                Path image = volume.image(layer);
                Path copy = into.resolve(image.getFileName());
                images.add(copy);
                allThere &=
                        Files.exists(image)
                                && Command.of("cp", "--", image, copy).run().exit() == 0;
            }
            if (allThere && volume.archivedLayers().equals(layers)) {
                Path device = into.resolve("device");
                try {
                    Files.deleteIfExists(device);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                volume.arc().succeed("device", "dump", volume.volume(), device);
                return new ArchivedStack(layers, images, device);
            }
        }
        throw new AssertionError(
                "the layers of status and images/ never agree: " + volume.layers());
    }

    /** The kernel's view of this stack equals what the mount shows. */
    public void assertKernelAgrees(String when, TreeSnapshot mount) {
        try (KernelImages kernel = KernelImages.over(device)) {
            List<Path> mounted = images.stream().map(kernel::mount).toList();
            TreeSnapshot stack =
                    TreeSnapshot.read(kernel.stack(mounted)).withoutXattrs(ArchivedStack::isOurs);
            TreeComparison.assertSame(
                    when + ": kernel overlayfs over " + layers, mount, stack, Aspect.copied());
        }
    }

    /**
     * Each image alone: the kernel reads it, fsck.erofs passes it, our own reader sees the same.
     */
    public void assertEachImageIsSound(ArcCli arc, Path work) {
        try (KernelImages kernel = KernelImages.over(device)) {
            for (int i = 0; i < images.size(); i++) {
                Path image = images.get(i);
                kernel.fsck(image);
                arc.succeed("image", "check", image, "--device", device);
                TreeSnapshot byKernel = TreeSnapshot.read(kernel.mount(image));
                Path extracted = work.resolve("extracted-" + i);
                arc.succeed("image", "extract", image, extracted, "--device", device);
                TreeComparison.assertSame(
                        "arc image extract of " + layers.get(i),
                        byKernel,
                        TreeSnapshot.read(extracted),
                        Aspect.copied());
                Command.of("rm", "-rf", "--", extracted).succeed();
            }
        }
    }

    private static boolean isOurs(String xattr) {
        return xattr.startsWith("trusted.arcfs.");
    }
}

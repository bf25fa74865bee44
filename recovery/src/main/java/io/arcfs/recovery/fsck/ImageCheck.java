package io.arcfs.recovery.fsck;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.round.ImageStore;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the image of one layer: its file, its structure, what it refers to. Stateless. */
final class ImageCheck {
    private ImageCheck() {}

    /** Returns the layer if it can be read, so that names can be checked through it. */
    static @Nullable ImageLayer check(
            Subject volume, LayerRecord layer, int place, AddressUse uses, Findings findings)
            throws IOException {
        ImageRecord record = layer.requireImage();
        Path path = volume.file("images").resolve(layer.imageFileName());
        String name = "images/" + layer.imageFileName();
        for (DeviceExtent extent : record.extents()) {
            uses.use(name, ~(long) place, extent, List.of());
        }
        String wrong = ImageStore.wrongWith(record, path);
        if (wrong != null) {
            findings.repairable(
                    Kind.IMAGE, name, wrong + "; the next mount reads it back from its container");
            return null;
        }
        ErofsImage image = ErofsImage.open(path);
        for (io.arcfs.erofs.check.Finding finding :
                ImageChecker.check(image, List.of(volume.geometry().deviceBytes()))) {
            findings.error(Kind.IMAGE, name, finding.toString());
        }
        ImageLayer opened = new ImageLayer(layer, image);
        files(opened, name, uses);
        return opened;
    }

    private static void files(ImageLayer layer, String name, AddressUse uses) throws IOException {
        ErofsImage image = layer.image();
        Set<Long> linked = new HashSet<>();
        Deque<Long> directories = new ArrayDeque<>();
        directories.add(image.rootNid());
        while (!directories.isEmpty()) {
            image.list(
                    directories.remove(),
                    (_, nid, _) -> {
                        Inode inode = image.inode(nid);
                        if (inode.isDirectory()) {
                            directories.add(nid);
                        } else if (inode.isRegular() && (inode.nlink() == 1 || linked.add(nid))) {
                            for (InodeRecord.Run run : layer.runs(nid)) {
                                uses.use(
                                        name + " inode " + inode.number(),
                                        inode.number(),
                                        run.extent(),
                                        layer.layerRecord().requireImage().manifest());
                            }
                        }
                    });
        }
    }
}

package io.arcfs.cli.image;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.build.DataCopy;
import io.arcfs.erofs.write.DataArea;
import io.arcfs.erofs.write.Durability;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.WrittenImage;
import io.arcfs.posix.FileStatus;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes a stand-alone image of a directory: metadata and data in one file, or the data in a blob of
 * its own. Nothing is forced to disk. Files that exist are never written over; when it fails, none
 * are left. Confined to one thread.
 */
public final class ImageBuild {
    private static final int BLOCK_BITS = ImageOptions.DEFAULT_BLOCK_BITS;

    /** What is longer goes to blocks; half a block, so that inodes and their ends stand close. */
    private static final int INLINE_MAX = 2048;

    private static final int DATA_THREADS = 2;

    private ImageBuild() {}

    /**
     * What was built.
     *
     * @param leftOut attributes that the format has no place for, or that could not be read
     */
    public record Built(WrittenImage image, long dataBytes, long leftOut) {}

    /**
     * @param blob file for the data; none: it goes into the image
     */
    public static Built build(Path directory, Path meta, Optional<Path> blob, UUID uuid)
            throws IOException {
        try (NewFiles files = new NewFiles()) {
            Path metaDraft = files.draftOf(meta);
            Built built;
            if (blob.isPresent()) {
                // The blob's name comes first: an image without its data is of no use.
                Path blobDraft = files.draftOf(blob.get());
                built = withBlob(directory, metaDraft, blobDraft, uuid);
            } else {
                built = alone(directory, metaDraft, uuid);
            }
            files.publish();
            return built;
        }
    }

    private static Built withBlob(Path directory, Path meta, Path blob, UUID uuid)
            throws IOException {
        try (PosixDataTarget target = PosixDataTarget.create(blob);
                DataCopy copy = new DataCopy(target, 1, 0, BLOCK_BITS, DATA_THREADS)) {
            PosixTreeSource source = new PosixTreeSource(directory, copy, 0);
            WrittenImage image =
                    ImageWriter.write(
                            source,
                            BLOCK_BITS,
                            () -> {
                                long blocks = source.dataBlocks();
                                target.setLength(blocks << BLOCK_BITS);
                                return options(
                                        directory, uuid, List.of(DeviceSlot.of(tag(uuid), blocks)));
                            },
                            meta,
                            Durability.CACHED);
            return new Built(image, copy.blocks() << BLOCK_BITS, source.leftOut());
        }
    }

    private static Built alone(Path directory, Path meta, UUID uuid) throws IOException {
        long firstBlock = DataArea.firstBlock(BLOCK_BITS);
        try (PosixDataTarget target = PosixDataTarget.create(meta);
                DataCopy copy = new DataCopy(target, 0, firstBlock, BLOCK_BITS, DATA_THREADS)) {
            PosixTreeSource source = new PosixTreeSource(directory, copy, INLINE_MAX);
            WrittenImage image =
                    ImageWriter.writeBehind(
                            source::dataBlocks,
                            source,
                            options(directory, uuid, List.of()),
                            meta,
                            Durability.CACHED);
            return new Built(image, copy.blocks() << BLOCK_BITS, source.leftOut());
        }
    }

    /** The epoch is the directory's own time: the same tree gives the same image. */
    private static ImageOptions options(Path directory, UUID uuid, List<DeviceSlot> devices)
            throws IOException {
        FileStatus status = Posix.lstat(Posix.bytes(directory.toAbsolutePath()));
        return new ImageOptions(
                uuid, "", status.mtimeSeconds(), status.mtimeNanos(), BLOCK_BITS, devices);
    }

    /** The blob is known by the image it was made with: no other has this data. */
    private static String tag(UUID uuid) {
        return uuid.toString().replace("-", "");
    }
}

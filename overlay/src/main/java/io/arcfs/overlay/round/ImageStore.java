package io.arcfs.overlay.round;

import io.arcfs.device.BlockDevice;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The folder of metadata images, and their copies in containers: an image that is lost on the SSD
 * is read back from the device. Thread-safe.
 */
public final class ImageStore {
    private static final int PIECE_BYTES = 1 << 20;
    private static final String DRAFT_SUFFIX = ".draft";

    private final Path directory;
    private final BlockDevice device;
    private final List<String> restored = new CopyOnWriteArrayList<>();

    private ImageStore(Path directory, BlockDevice device) {
        this.directory = directory;
        this.device = device;
    }

    public static ImageStore open(Path directory, BlockDevice device) throws IOException {
        Files.createDirectories(directory);
        return new ImageStore(directory, device);
    }

    public Path pathOf(LayerRecord layer) {
        return directory.resolve(layer.imageFileName());
    }

    /** Where an image is written before it is published; empty. */
    Path draftOf(LayerRecord layer) throws IOException {
        Path draft = directory.resolve(layer.imageFileName() + DRAFT_SUFFIX);
        Posix.unlinkIfPresent(draft);
        Failpoint.IMAGE_DRAFT_REMOVED.reach();
        return draft;
    }

    /** Where a draft's bytes lie on the device, and their digest. */
    record Stored(List<DeviceExtent> extents, byte[] sha256, long lengthBytes) {}

    /** Copies a draft to the device; it is durable there after the device's next flush. */
    Stored store(Path draft, ContainerAllocator allocator) throws IOException {
        MessageDigest digest = sha256();
        List<DeviceExtent> extents = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                PosixFile file = PosixFile.open(draft, OpenFlag.READ)) {
            int block = device.blockSizeBytes();
            MemorySegment buffer = arena.allocate(PIECE_BYTES, block);
            long length = file.size();
            for (long offset = 0; offset < length; ) {
                int count =
                        file.read(
                                offset, buffer.asSlice(0, Math.min(PIECE_BYTES, length - offset)));
                digest.update(buffer.asSlice(0, count).asByteBuffer());
                int padded = (count + block - 1) / block * block;
                buffer.asSlice(count, padded - count).fill((byte) 0);
                long address = allocator.allocate(padded);
                device.write(address, buffer.asSlice(0, padded));
                add(extents, new DeviceExtent(address, count));
                offset += count;
            }
            return new Stored(extents, digest.digest(), length);
        }
    }

    private static void add(List<DeviceExtent> extents, DeviceExtent next) {
        if (!extents.isEmpty() && extents.getLast().end() == next.address()) {
            DeviceExtent last = extents.removeLast();
            extents.add(new DeviceExtent(last.address(), last.lengthBytes() + next.lengthBytes()));
        } else {
            extents.add(next);
        }
    }

    /** Makes a draft durable under its own name. */
    void publish(Path draft, LayerRecord layer) throws IOException {
        try (PosixFile file = PosixFile.open(draft, OpenFlag.READ)) {
            file.sync();
        }
        Failpoint.IMAGE_SYNCED.reach();
        AtomicPublish.rename(draft, pathOf(layer));
    }

    /**
     * Opens the image of a layer, reading it back from the device if the SSD has lost it or holds
     * other bytes.
     */
    public ImageLayer load(LayerRecord layer) throws IOException {
        ImageRecord record = layer.requireImage();
        Path path = pathOf(layer);
        String wrong = wrongWith(record, path);
        if (wrong != null) {
            restore(record, path);
            restored.add("read image " + layer.imageFileName() + " back: " + wrong);
        }
        return open(layer);
    }

    /** What {@link #load} had to read back, one line each. */
    public List<String> restored() {
        return List.copyOf(restored);
    }

    /** Why the file is not the image that was activated, or null. */
    public static @Nullable String wrongWith(ImageRecord record, Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return "its file was gone";
        }
        long length = Files.size(path);
        if (length != record.lengthBytes()) {
            return "its file had " + length + " bytes, not " + record.lengthBytes();
        }
        return Arrays.equals(digestOf(path), record.sha256())
                ? null
                : "its file's bytes were not those that were written";
    }

    private static byte[] digestOf(Path path) throws IOException {
        MessageDigest digest = sha256();
        try (Arena arena = Arena.ofConfined();
                PosixFile file = PosixFile.open(path, OpenFlag.READ)) {
            MemorySegment buffer = arena.allocate(PIECE_BYTES);
            long offset = 0;
            for (int got = file.read(0, buffer); got > 0; got = file.read(offset, buffer)) {
                digest.update(buffer.asSlice(0, got).asByteBuffer());
                offset += got;
            }
        }
        return digest.digest();
    }

    /** Opens the image of a layer that was published just now. */
    ImageLayer open(LayerRecord layer) throws IOException {
        ImageRecord record = layer.requireImage();
        Path path = pathOf(layer);
        ErofsImage image = ErofsImage.open(path);
        if (!image.superBlock().uuid().equals(record.uuid())) {
            // A rewrite of the same layers was published and a crash came before its commit.
            restore(record, path);
            image = ErofsImage.open(path);
        }
        if (!image.superBlock().uuid().equals(record.uuid())) {
            throw new IOException(
                    path
                            + " is image "
                            + image.superBlock().uuid()
                            + ", the catalog wants "
                            + record.uuid());
        }
        return new ImageLayer(layer, image);
    }

    private void restore(ImageRecord record, Path path) throws IOException {
        AtomicPublish.publish(path, file -> copyFromDevice(record, path, file));
    }

    private void copyFromDevice(ImageRecord record, Path path, PosixFile file) throws IOException {
        MessageDigest digest = sha256();
        try (Arena arena = Arena.ofConfined()) {
            int block = device.blockSizeBytes();
            MemorySegment buffer = arena.allocate(PIECE_BYTES, block);
            long offset = 0;
            for (DeviceExtent extent : record.extents()) {
                for (long done = 0; done < extent.lengthBytes(); ) {
                    long count = Math.min(PIECE_BYTES, extent.lengthBytes() - done);
                    device.read(
                            extent.address() + done,
                            buffer.asSlice(0, (count + block - 1) / block * block));
                    digest.update(buffer.asSlice(0, count).asByteBuffer());
                    file.write(offset, buffer.asSlice(0, count));
                    done += count;
                    offset += count;
                }
            }
        }
        if (!Arrays.equals(digest.digest(), record.sha256())) {
            throw new IOException(path + " is lost and its copy in the containers is damaged");
        }
    }

    /** Removes files of images that the catalog does not name; returns their names. */
    public List<String> sweep(List<LayerRecord> layers) throws IOException {
        Set<String> wanted = new HashSet<>();
        for (LayerRecord layer : layers) {
            if (layer.state() == LayerRecord.State.ARCHIVED) {
                wanted.add(layer.imageFileName());
            }
        }
        List<String> removed = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                boolean ours = name.startsWith("meta.") || AtomicPublish.isTemporary(name);
                if (ours && !wanted.contains(name)) {
                    Posix.unlink(Posix.bytes(file));
                    Failpoint.RECOVER_IMAGE_SWEPT.reach();
                    removed.add(name);
                }
            }
        }
        return removed;
    }

    void delete(LayerRecord layer) throws IOException {
        Posix.unlinkIfPresent(pathOf(layer));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

package io.arcfs.recovery;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Makes a new volume in a directory that is empty or not there. A refusal or a failure leaves the
 * file system as it was. Confined to one thread.
 */
public final class VolumeMaker {
    private static final Set<String> IDENTITY = Set.of("formatVersion", "uuid", "created");

    private final VolumeLayout layout;
    private final List<Path> madeDirectories = new ArrayList<>();

    private VolumeMaker(VolumeLayout layout) {
        this.layout = layout;
    }

    /**
     * Makes the volume and opens it once, so that what cannot work is refused now.
     *
     * @param whileOpen sees the new volume before it is closed
     */
    public static VolumeLayout make(
            Path directory, VolumeSettings settings, Consumer<Volume> whileOpen)
            throws IOException {
        Path absolute = placeOf(directory);
        VolumeLayout layout = new VolumeLayout(absolute);
        requireFree(absolute);
        DescriptorFile descriptor = describe(layout, settings);
        VolumeMaker maker = new VolumeMaker(layout);
        try {
            maker.build(descriptor, whileOpen);
        } catch (IOException | RuntimeException | Error e) {
            maker.undo(e);
            throw e;
        }
        return layout;
    }

    private static Path placeOf(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        Path name = absolute.getFileName();
        if (parent == null || name == null) {
            throw new DirectoryNotEmptyException(absolute.toString());
        }
        if (!Files.exists(parent)) {
            throw new NoSuchFileException(parent.toString());
        }
        return Files.exists(absolute) ? absolute.toRealPath() : parent.toRealPath().resolve(name);
    }

    private static void requireFree(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw new DirectoryNotEmptyException(directory.toString());
            }
        }
    }

    private static DescriptorFile describe(VolumeLayout layout, VolumeSettings settings)
            throws IOException {
        DescriptorEdit edit =
                DescriptorEdit.forNewVolume(layout.descriptor(), UUID.randomUUID(), Instant.now());
        for (Map.Entry<String, String> value : settings.values().entrySet()) {
            if (IDENTITY.contains(value.getKey())) {
                throw new DescriptorException(
                        layout.descriptor(), value.getKey() + " cannot be chosen");
            }
            edit.set(value.getKey(), value.getValue());
        }
        if (!settings.cold().isEmpty()) {
            edit.setCold(settings.cold());
        }
        if (settings.copies().isPresent()) {
            edit.set("copies", Integer.toString(settings.copies().getAsInt()));
        }
        if (settings.thresholdBytes().isPresent()) {
            edit.set("archive.threshold", SizeText.format(settings.thresholdBytes().getAsLong()));
        }
        if (settings.deviceBytes().isPresent()) {
            edit.setDeviceBytes(settings.deviceBytes().getAsLong());
        }
        return edit.finish();
    }

    private void build(DescriptorFile descriptor, Consumer<Volume> whileOpen) throws IOException {
        makeDirectory(layout.directory());
        makeDirectory(layout.logDirectory());
        for (ColdSpec spec : descriptor.descriptor().cold()) {
            if (!spec.scheme().equals("block")) {
                makeMedium(spec.resolveIn(layout.directory()).path());
            }
        }
        descriptor.publish();
        Failpoint.DESCRIPTOR_PUBLISHED.reach();
        syncParent();
        try (Volume volume = Volume.open(layout.directory())) {
            whileOpen.accept(volume);
        }
    }

    private void makeMedium(Path place) throws IOException {
        if (Files.exists(place)) {
            if (!Files.isDirectory(place)) {
                throw new NotDirectoryException(place.toString());
            }
            return;
        }
        Path parent = place.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new NoSuchFileException(String.valueOf(parent));
        }
        makeDirectory(place);
    }

    private void makeDirectory(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            Files.createDirectory(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            madeDirectories.add(directory);
        }
    }

    private void syncParent() throws IOException {
        Path parent = layout.directory().getParent();
        if (parent != null) {
            Posix.syncDirectory(parent);
            Failpoint.DESCRIPTOR_PUBLISHED.reach();
        }
    }

    /** Removes what was made: the volume's content, which began empty, and new directories. */
    private void undo(Throwable failure) {
        try {
            removeContent(layout.directory());
            for (Path directory : madeDirectories.reversed()) {
                // A medium elsewhere holds nothing of ours before the first container is closed.
                if (Files.exists(directory)) {
                    removeContent(directory);
                    Files.delete(directory);
                }
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void removeContent(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path visited, java.io.@org.jspecify.annotations.Nullable IOException e)
                            throws IOException {
                        if (e != null) {
                            throw e;
                        }
                        if (!visited.equals(directory)) {
                            Files.delete(visited);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}

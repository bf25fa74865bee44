package io.arcfs.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * EROFS metadata images over one data device, mounted by the stock kernel through loop devices,
 * alone or stacked by kernel overlayfs. Closing unmounts and detaches everything.
 */
public final class KernelImages implements AutoCloseable {
    private static final int SUPERBLOCK_OFFSET = 1024;
    private static final int EXTRA_DEVICES_OFFSET = 86;

    private final Path directory;
    private final List<Path> mounts = new ArrayList<>();
    private final List<String> loops = new ArrayList<>();
    private final Path deviceFile;
    private @Nullable String deviceLoop;

    private KernelImages(Path directory, Path deviceFile) {
        this.directory = directory;
        this.deviceFile = deviceFile;
    }

    public static KernelImages over(Path deviceFile) {
        return new KernelImages(Scratch.directory("k"), deviceFile);
    }

    /** Mounts one image read-only and gives the mountpoint. */
    public Path mount(Path image) {
        String options = "ro";
        if (extraDevices(image) > 0) {
            options += ",device=" + device();
        }
        Path mountPoint = newMountPoint();
        Command.of("mount", "-t", "erofs", "-o", options, loop(image), mountPoint).succeed();
        mounts.addFirst(mountPoint);
        return mountPoint;
    }

    /** What kernel overlayfs makes of these mounted layers, newest first. */
    public Path stack(List<Path> newestFirst) {
        List<Path> lowers = new ArrayList<>(newestFirst);
        if (lowers.size() < 2) {
            lowers.add(newMountPoint()); // overlayfs wants two lowers when it has no upper
        }
        String list = lowers.stream().map(Path::toString).collect(Collectors.joining(":"));
        Path mountPoint = newMountPoint();
        Command.of(
                        "mount",
                        "-t",
                        "overlay",
                        "overlay",
                        "-o",
                        "ro,redirect_dir=follow,lowerdir=" + list,
                        mountPoint)
                .succeed();
        mounts.addFirst(mountPoint);
        return mountPoint;
    }

    /** Debian's own checker finds nothing wrong in the image. */
    public void fsck(Path image) {
        List<Object> argv = new ArrayList<>(List.of("fsck.erofs", "-d3"));
        for (int i = 0; i < extraDevices(image); i++) {
            argv.add("--device=" + deviceFile);
        }
        argv.add(image);
        Command.Outcome checked = Command.of(argv.toArray()).succeed();
        String said = checked.out() + checked.err();
        if (!said.contains("No error")
                || said.contains("<E>")) { // it exits with 0 after some errors
            throw new AssertionError("fsck.erofs: " + checked);
        }
    }

    @Override
    public void close() {
        for (Path mount : mounts) {
            Command.of("umount", mount).succeed();
        }
        for (String loop : loops) {
            Command.of("losetup", "-d", loop).succeed();
        }
        mounts.clear();
        loops.clear();
        Scratch.delete(directory);
    }

    private String device() {
        String attached = deviceLoop;
        if (attached == null) {
            attached = loop(deviceFile);
            deviceLoop = attached;
        }
        return attached;
    }

    private String loop(Path file) {
        String loop = Command.of("losetup", "-r", "-f", "--show", file).succeed().out().strip();
        loops.add(loop);
        return loop;
    }

    private Path newMountPoint() {
        try {
            // Short: the list of an overlay's lower directories has to fit in a page.
            return Files.createDirectory(directory.resolve("m" + directory.toFile().list().length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int extraDevices(Path image) {
        ByteBuffer field = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(image)) {
            if (channel.read(field, SUPERBLOCK_OFFSET + EXTRA_DEVICES_OFFSET) != 2) {
                throw new AssertionError("too short for an EROFS image: " + image);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Short.toUnsignedInt(field.getShort(0));
    }
}

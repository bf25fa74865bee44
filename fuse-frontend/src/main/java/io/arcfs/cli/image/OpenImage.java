package io.arcfs.cli.image;

import io.arcfs.cli.CommandFailure;
import io.arcfs.erofs.DeviceReader;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * An image and the files that stand for its device slots, in their order. Reading from a slot that
 * has no file says so; names and attributes need none. Thread-safe.
 */
public final class OpenImage implements AutoCloseable, DeviceReader {
    private static final int FILE_TYPE = 0xF000;
    private static final int BLOCK_DEVICE = 0x6000;

    private final ErofsImage image;
    private final List<PosixFile> devices;
    private final List<Long> lengths;

    private OpenImage(ErofsImage image, List<PosixFile> devices, List<Long> lengths) {
        this.image = image;
        this.devices = devices;
        this.lengths = List.copyOf(lengths);
    }

    public static OpenImage open(String imagePath, List<String> devicePaths)
            throws CommandFailure, IOException {
        ErofsImage image = ErofsImage.open(Path.of(imagePath));
        if (devicePaths.size() > image.deviceSlots().size()) {
            throw new CommandFailure(
                    SafeText.of(imagePath),
                    "has "
                            + image.deviceSlots().size()
                            + " device slots, and "
                            + devicePaths.size()
                            + " devices are given",
                    "give one --device per slot");
        }
        List<PosixFile> devices = new ArrayList<>();
        List<Long> lengths = new ArrayList<>();
        try {
            for (String path : devicePaths) {
                devices.add(openDevice(Path.of(path)));
                lengths.add(lengthOf(Path.of(path)));
            }
            return new OpenImage(image, devices, lengths);
        } catch (CommandFailure | IOException | RuntimeException e) {
            closeAll(devices);
            throw e;
        }
    }

    private static PosixFile openDevice(Path path) throws CommandFailure, IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        // Asked before it is opened: the open of a FIFO would wait for a writer.
        int mode = (Integer) Files.getAttribute(path, "unix:mode");
        if (!Files.isRegularFile(path) && (mode & FILE_TYPE) != BLOCK_DEVICE) {
            throw new CommandFailure(
                    SafeText.of(path),
                    "neither a file nor a block device",
                    "give the file that holds the device's bytes");
        }
        return PosixFile.open(path, OpenFlag.READ);
    }

    public ErofsImage image() {
        return image;
    }

    @Override
    public void read(int deviceId, long addressBytes, MemorySegment target) throws IOException {
        if (deviceId > devices.size()) {
            throw new MissingDeviceException(deviceId);
        }
        PosixFile device = devices.get(deviceId - 1);
        int got = device.read(addressBytes, target);
        if (got < target.byteSize()) {
            throw new IOException(
                    "device " + deviceId + " ends at byte " + (addressBytes + got) + ": too short");
        }
    }

    @Override
    public void close() throws IOException {
        closeAll(devices);
    }

    /** Lengths of the devices that are given; a block device has one too. */
    public List<Long> deviceLengths() {
        return lengths;
    }

    private static long lengthOf(Path device) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            return channel.size();
        }
    }

    private static void closeAll(List<PosixFile> files) throws IOException {
        for (PosixFile file : files) {
            file.close();
        }
    }
}

package io.arcfs.cli.device;

import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.Posix;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * The records of this user's devices on this host, a file each in the runtime directory, which a
 * reboot empties as it does the driver. Thread-safe.
 */
public final class DeviceRegistry {
    private static final String SUFFIX = ".device";
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path directory;

    private DeviceRegistry(Path directory) {
        this.directory = directory;
    }

    public static DeviceRegistry ofThisUser() throws IOException {
        Path directory = makePrivate(makePrivate(runtimeDirectory()).resolve("ublk"));
        return new DeviceRegistry(directory);
    }

    private static Path runtimeDirectory() {
        int user = Posix.getuid();
        if (user == 0) {
            return Path.of("/run/arcfs");
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return runtime != null && runtime.startsWith("/") && Files.isDirectory(Path.of(runtime))
                ? Path.of(runtime, "arcfs")
                : Path.of("/tmp", "arcfs-" + user);
    }

    private static Path makePrivate(Path directory) throws IOException {
        try {
            Files.createDirectory(directory, PRIVATE);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    || !Files.isWritable(directory)) {
                throw new IOException(SafeText.of(directory) + " is not usable", e);
            }
        }
        return directory;
    }

    /** Where servers write what they have to say. */
    Path log() {
        return directory.resolve("server.log");
    }

    void put(DeviceRecord device) throws IOException {
        StringWriter text = new StringWriter();
        device.toProperties().store(text, null);
        AtomicPublish.publish(file(device.id()), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets a device; nothing if it is not known. */
    void remove(int id) throws IOException {
        Files.deleteIfExists(file(id));
    }

    Optional<DeviceRecord> get(int id) throws IOException {
        Properties text = new Properties();
        try (Reader reader = Files.newBufferedReader(file(id))) {
            text.load(reader);
            return Optional.of(DeviceRecord.of(text));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException(SafeText.of(file(id)) + ": " + e.getMessage(), e);
        }
    }

    List<DeviceRecord> all() throws IOException {
        List<DeviceRecord> records = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String number = name.substring(0, name.length() - SUFFIX.length());
                if (number.matches("[0-9]{1,7}")) {
                    get(Integer.parseInt(number)).ifPresent(records::add);
                }
            }
        }
        return records;
    }

    /**
     * The right to serve a device, until the process ends; empty when another process has it.
     *
     * @param id of the device
     */
    Optional<FileChannel> lock(int id) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve(id + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(channel);
    }

    private Path file(int id) {
        return directory.resolve(id + SUFFIX);
    }
}

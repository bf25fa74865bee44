package io.arcfs.tier.ssd;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.ContainerFormat;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder of container cache files: {@code c00000003.0001} holds container 3 of sequence 1 at
 * its natural offsets, {@code c00000003.0001.crc} the checksums of its blocks. Thread-safe.
 */
public final class SsdDirectory {
    private static final Pattern NAME = Pattern.compile("c(\\d{8,10})\\.(\\d{4,10})(\\.crc)?");
    private static final String CHECKSUMS_SUFFIX = ".crc";

    private final Path path;

    private SsdDirectory(Path path) {
        this.path = path;
    }

    /** Opens the folder, made if absent. */
    public static SsdDirectory open(Path path) throws IOException {
        Files.createDirectories(path);
        return new SsdDirectory(path);
    }

    /** {@code c00000003.0001} */
    public static String fileName(ContainerId id) {
        return String.format(Locale.ROOT, "c%08d.%04d", id.number(), id.sequence());
    }

    public Path dataFile(ContainerId id) {
        return path.resolve(fileName(id));
    }

    public Path checksumFile(ContainerId id) {
        return path.resolve(fileName(id) + CHECKSUMS_SUFFIX);
    }

    /** Whether both files of a container are there. */
    public boolean holds(ContainerId id) {
        return Files.exists(dataFile(id)) && Files.exists(checksumFile(id));
    }

    /** Whether the bytes of a container are there, with or without their checksums. */
    public boolean holdsData(ContainerId id) {
        return Files.exists(dataFile(id));
    }

    /** Whether the bytes of a container are there with the footer that closing it puts behind. */
    public boolean isClosed(ContainerId id, UUID volume, Geometry geometry) {
        if (!holdsData(id)) {
            return false;
        }
        try (PosixFile file = PosixFile.open(dataFile(id), OpenFlag.READ)) {
            byte[] envelope = new byte[FooterReader.envelopeBytes()];
            file.read(geometry.dataBytes(), MemorySegment.ofArray(envelope));
            int length = FooterReader.length(envelope, file.toString());
            if (length > ContainerFormat.footerRoom(geometry)) {
                return false;
            }
            byte[] bytes = new byte[length];
            file.read(geometry.dataBytes(), MemorySegment.ofArray(bytes));
            Footer footer = FooterReader.decode(bytes, file.toString());
            return footer.volume().equals(volume) && footer.container().equals(id);
        } catch (IOException e) {
            return false; // none, or not whole
        }
    }

    /** Containers that have at least one file here. */
    public List<ContainerId> list() throws IOException {
        List<ContainerId> found = new ArrayList<>();
        for (byte[] name : Posix.list(Posix.bytes(path))) {
            parse(new String(name, StandardCharsets.UTF_8)).ifPresent(found::add);
        }
        return found.stream().distinct().sorted().toList();
    }

    private static Optional<ContainerId> parse(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new ContainerId(
                            Integer.parseInt(matcher.group(1)),
                            Integer.parseInt(matcher.group(2))));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a number beyond int: none of ours
        }
    }

    /** Removes a container's files; those that are not there are no error. */
    public void remove(ContainerId id) throws IOException {
        if (Posix.unlinkIfPresent(dataFile(id))) {
            Failpoint.DISCARD_DATA_REMOVED.reach();
        }
        if (Posix.unlinkIfPresent(checksumFile(id))) {
            Failpoint.DISCARD_REMOVED.reach();
        }
    }

    /** Space that the files of a container take. */
    public long allocatedBytes(ContainerId id) throws IOException {
        return allocatedBytes(dataFile(id)) + allocatedBytes(checksumFile(id));
    }

    private static long allocatedBytes(Path file) throws IOException {
        try {
            return Posix.lstat(Posix.bytes(file)).blocks512() * 512;
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return 0;
            }
            throw e;
        }
    }

    /** Space that the files of all containers take. */
    public long allocatedBytes() throws IOException {
        long sum = 0;
        for (byte[] bytes : Posix.list(Posix.bytes(path))) {
            String name = new String(bytes, StandardCharsets.UTF_8);
            if (parse(name).isPresent()) {
                sum += allocatedBytes(path.resolve(name));
            }
        }
        return sum;
    }

    /** Makes additions to the folder durable. */
    public void sync() throws IOException {
        Posix.syncDirectory(path);
    }
}

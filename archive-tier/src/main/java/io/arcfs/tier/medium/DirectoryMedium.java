package io.arcfs.tier.medium;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.ContainerFormat;
import io.arcfs.tier.container.CorruptFooterException;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A cold medium that is a directory: one file per container.
 *
 * <p>{@code PATH/arcfs-VOLUME/c00000003.0001} holds container 3 of sequence 1. Every offset in the
 * file is the offset in the container and its size is the container's, so stock tools can put the
 * device together ({@code dd seek=}); what is unused is a hole. {@code label} names the medium.
 *
 * <p>Thread-safe.
 */
public final class DirectoryMedium implements Medium {
    private static final Pattern PLACE = Pattern.compile("c\\d{8,10}\\.\\d{4,10}");
    static final String LABEL = "label";

    private final Path directory;
    private final Geometry geometry;
    private final UUID id;

    /** Files that came, were replaced or went. */
    private final AtomicInteger changes = new AtomicInteger();

    private DirectoryMedium(Path directory, Geometry geometry, UUID id) {
        this.directory = directory;
        this.geometry = geometry;
        this.id = id;
    }

    /** Opens a medium that carries this label, and removes what torn writes left on it. */
    public static DirectoryMedium open(Path path, UUID volume, Geometry geometry, UUID expected)
            throws IOException {
        Path directory = directoryOf(path, volume);
        if (!Files.exists(directory.resolve(LABEL))) {
            throw new IOException(
                    directory + ": not there any more; is the disk or share mounted?");
        }
        DirectoryMedium medium = openLabelled(directory, volume, geometry);
        if (!medium.id.equals(expected)) {
            throw new IOException(
                    directory + ": is medium " + medium.id + ", expected " + expected);
        }
        return medium;
    }

    /** Opens a medium that this volume's catalog does not know yet; labels it if it is new. */
    public static DirectoryMedium openOrCreate(Path path, UUID volume, Geometry geometry)
            throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(path)) {
            throw new IOException(path + ": is no directory");
        }
        Path directory = directoryOf(path, volume);
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve(LABEL))) {
            UUID id = UUID.randomUUID();
            AtomicPublish.publish(directory.resolve(LABEL), new MediumLabel(volume, id).encode());
            Posix.syncDirectory(path);
            Failpoint.MEDIUM_LABELLED.reach();
        }
        return openLabelled(directory, volume, geometry);
    }

    private static DirectoryMedium openLabelled(Path directory, UUID volume, Geometry geometry)
            throws IOException {
        Path file = directory.resolve(LABEL);
        MediumLabel label = MediumLabel.decode(readSmall(file), file.toString());
        if (!label.volume().equals(volume)) {
            throw new IOException(directory + ": belongs to volume " + label.volume());
        }
        AtomicPublish.removeTemporaries(directory);
        return new DirectoryMedium(directory, geometry, label.medium());
    }

    private static byte[] readSmall(Path file) throws IOException {
        try (PosixFile open = PosixFile.open(file, OpenFlag.READ)) {
            byte[] bytes = new byte[(int) Math.min(open.size(), 4096)];
            open.read(0, MemorySegment.ofArray(bytes));
            return bytes;
        }
    }

    private static Path directoryOf(Path path, UUID volume) {
        return path.resolve("arcfs-" + volume);
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public ContainerWriter begin(ContainerId container) throws IOException {
        String place = placeOf(container);
        Path target = directory.resolve(place);
        Path temporary = AtomicPublish.temporaryFor(target);
        PosixFile file =
                PosixFile.open(temporary, OpenFlag.WRITE, OpenFlag.CREATE, OpenFlag.EXCLUSIVE);
        Failpoint.COPY_CREATED.reach();
        return new Writer(place, target, temporary, file);
    }

    private final class Writer implements ContainerWriter {
        private final String place;
        private final Path target;
        private final Path temporary;
        private final PosixFile file;
        private boolean committed;

        Writer(String place, Path target, Path temporary, PosixFile file) {
            this.place = place;
            this.target = target;
            this.temporary = temporary;
            this.file = file;
        }

        @Override
        public void write(long offsetInContainer, MemorySegment source) throws IOException {
            file.write(offsetInContainer, source);
        }

        @Override
        public String commit() throws IOException {
            // Costs nothing where the tail was written, which ends a container.
            file.truncate(geometry.containerBytes());
            Failpoint.COPY_SIZED.reach();
            file.sync();
            Failpoint.COPY_SYNCED.reach();
            // So that reading back meets the disk, not our own pages.
            file.dropCache(0, geometry.containerBytes());
            file.close();
            AtomicPublish.rename(temporary, target);
            changes.incrementAndGet();
            committed = true;
            return place;
        }

        @Override
        public void close() throws IOException {
            file.close();
            if (!committed) {
                Posix.unlinkIfPresent(temporary);
                Failpoint.COPY_FREED.reach();
            }
        }
    }

    @Override
    public void read(String place, long offsetInContainer, MemorySegment target)
            throws IOException {
        try (PosixFile file = PosixFile.open(fileOf(place), OpenFlag.READ)) {
            int got = file.read(offsetInContainer, target);
            if (got < target.byteSize()) {
                throw new IOException(file + ": ends at byte " + (offsetInContainer + got));
            }
            // Cold bytes are cached by the SSD tier, once is enough.
            file.dropCache(offsetInContainer, target.byteSize());
        }
    }

    @Override
    public PlaceReader reader(String place) throws IOException {
        return new DirectoryReader(fileOf(place), changes);
    }

    @Override
    public Listing list() throws IOException {
        List<StoredContainer> whole = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        for (String place : places()) {
            try {
                whole.add(new StoredContainer(place, readFooter(place)));
            } catch (IOException e) {
                damaged.add(String.valueOf(e.getMessage()));
            }
        }
        return new Listing(List.copyOf(whole), List.copyOf(damaged));
    }

    @Override
    public Optional<StoredContainer> find(ContainerId container) throws IOException {
        String place = placeOf(container);
        if (!Files.exists(directory.resolve(place))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new StoredContainer(place, readFooter(place)));
        } catch (CorruptFooterException e) {
            return Optional.empty(); // torn or damaged: it may be written anew
        }
    }

    private static String placeOf(ContainerId container) {
        return String.format(Locale.ROOT, "c%08d.%04d", container.number(), container.sequence());
    }

    private Footer readFooter(String place) throws IOException {
        Path path = fileOf(place);
        String source = path.toString();
        byte[] envelope = new byte[FooterReader.envelopeBytes()];
        read(place, geometry.dataBytes(), MemorySegment.ofArray(envelope));
        int length = FooterReader.length(envelope, source);
        if (length > ContainerFormat.footerRoom(geometry)) {
            throw new IOException(source + ": a footer of " + length + " bytes has no room");
        }
        byte[] footer = new byte[length];
        read(place, geometry.dataBytes(), MemorySegment.ofArray(footer));
        return FooterReader.decode(footer, source);
    }

    /** Where the containers' files are. */
    Path directory() {
        return directory;
    }

    /** Everything committed, whether it can be read or not. */
    List<String> places() throws IOException {
        return Posix.list(Posix.bytes(directory)).stream()
                .map(name -> new String(name, StandardCharsets.UTF_8))
                .filter(name -> PLACE.matcher(name).matches())
                .sorted()
                .toList();
    }

    @Override
    public void free(String place) throws IOException {
        Posix.unlinkIfPresent(fileOf(place));
        changes.incrementAndGet();
        Failpoint.COPY_FREED.reach();
        Posix.syncDirectory(directory);
        Failpoint.COPY_FREED.reach();
    }

    @Override
    public long usedBytes() throws IOException {
        long sum = 0;
        for (String place : places()) {
            sum += Posix.lstat(Posix.bytes(directory.resolve(place))).blocks512() * 512;
        }
        return sum;
    }

    @Override
    public long freeBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    /** In the order of container numbers: files of one directory written one after the other. */
    @Override
    public long position(String place) throws IOException {
        fileOf(place);
        String number = place.substring(1, place.indexOf('.'));
        return Long.parseLong(number) * geometry.containerBytes();
    }

    @Override
    public AccessCosts costs() {
        return AccessCosts.HARD_DISK;
    }

    private Path fileOf(String place) throws IOException {
        if (!PLACE.matcher(place).matches()) {
            throw new IOException(directory + ": no place is called \"" + place + "\"");
        }
        return directory.resolve(place);
    }

    /** Nothing stays open between calls. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return directory.toString();
    }
}

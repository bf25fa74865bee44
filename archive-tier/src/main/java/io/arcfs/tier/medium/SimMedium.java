package io.arcfs.tier.medium;

import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A directory that behaves like a magneto-electric disk: it must be mounted, it takes its time to
 * get to a place, and what is written goes behind everything ever written.
 *
 * <p>The bytes are a {@link DirectoryMedium}'s. Beside them {@code layout} says where on the disk
 * each place would be: lines {@code POSITION PLACE}, the first one {@code END -}. Thread-safe.
 */
public final class SimMedium implements Medium {
    private static final String LAYOUT = "layout";

    private final DirectoryMedium files;
    private final Geometry geometry;
    private final SimSettings settings;
    private final MediumClock clock;
    private final SimDrive drive;
    private final Map<String, Long> positions; // guarded by itself, like the next
    private long end;

    private SimMedium(
            DirectoryMedium files,
            Geometry geometry,
            SimSettings settings,
            MediumClock clock,
            Map<String, Long> positions,
            long end) {
        this.files = files;
        this.geometry = geometry;
        this.settings = settings;
        this.clock = clock;
        this.drive = new SimDrive(settings.costs(), clock);
        this.positions = positions;
        this.end = end;
    }

    /** Puts the disk's behaviour over a directory; tests bring their own clock. */
    public static SimMedium over(
            DirectoryMedium files, Geometry geometry, SimSettings settings, MediumClock clock)
            throws IOException {
        SimFaults.on(files.directory()).beforeAnything(clock);
        Map<String, Long> positions = new LinkedHashMap<>();
        Path layout = files.directory().resolve(LAYOUT);
        long end = 0;
        if (Files.exists(layout)) {
            for (String line : Files.readAllLines(layout)) {
                String[] words = line.split(" ", 2);
                try {
                    long at = Long.parseLong(words[0]);
                    if (words[1].equals("-")) {
                        end = at;
                    } else {
                        positions.put(words[1], at);
                    }
                } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                    throw new IOException(layout + ": malformed line \"" + line + "\"", e);
                }
            }
        }
        SimMedium medium = new SimMedium(files, geometry, settings, clock, positions, end);
        // Committed just before a crash: nobody knows better where they are.
        for (String place : files.places()) {
            if (!positions.containsKey(place)) {
                medium.place(place, medium.append());
            }
        }
        return medium;
    }

    /** The disk's movements, for who wants to count them. */
    public SimDrive drive() {
        return drive;
    }

    @Override
    public UUID id() {
        return files.id();
    }

    private SimFaults faults() throws IOException {
        return SimFaults.on(files.directory());
    }

    private long append() {
        synchronized (positions) {
            long at = end;
            end += geometry.containerBytes();
            return at;
        }
    }

    private void place(String place, long position) throws IOException {
        StringBuilder text = new StringBuilder();
        synchronized (positions) {
            positions.put(place, position);
            text.append(end).append(" -\n");
            positions.forEach((name, at) -> text.append(at).append(' ').append(name).append('\n'));
            AtomicPublish.publish(
                    files.directory().resolve(LAYOUT),
                    text.toString().getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Override
    public ContainerWriter begin(ContainerId container) throws IOException {
        SimFaults now = faults();
        now.beforeWriting(clock);
        now.failIfFull();
        synchronized (positions) {
            if (end + geometry.containerBytes() > settings.capacityBytes()) {
                throw new PosixException("write", Errno.ENOSPC, files.toString());
            }
        }
        // A torn write has used up its place, too.
        long position = append();
        ContainerWriter writer = files.begin(container);
        return new ContainerWriter() {
            @Override
            public void write(long offsetInContainer, MemorySegment source) throws IOException {
                SimFaults faults = faults();
                faults.beforeWriting(clock);
                drive.access(position + offsetInContainer, source.byteSize());
                writer.write(offsetInContainer, faults.written(source));
            }

            @Override
            public String commit() throws IOException {
                faults().beforeWriting(clock);
                String place = writer.commit();
                place(place, position);
                return place;
            }

            @Override
            public void close() throws IOException {
                writer.close();
            }
        };
    }

    @Override
    public void read(String place, long offsetInContainer, MemorySegment target)
            throws IOException {
        SimFaults now = faults();
        now.beforeReading(clock);
        drive.access(position(place) + offsetInContainer, target.byteSize());
        files.read(place, offsetInContainer, target);
        now.afterReading(offsetInContainer, target);
    }

    @Override
    public long position(String place) throws IOException {
        synchronized (positions) {
            Long at = positions.get(place);
            if (at == null) {
                throw new IOException(files + ": no place is called \"" + place + "\"");
            }
            return at;
        }
    }

    @Override
    public AccessCosts costs() {
        return settings.costs();
    }

    @Override
    public Optional<StoredContainer> find(ContainerId container) throws IOException {
        faults().beforeReading(clock);
        return files.find(container);
    }

    @Override
    public double timeScale() {
        return settings.scale();
    }

    @Override
    public Listing list() throws IOException {
        faults().beforeReading(clock);
        return files.list();
    }

    @Override
    public void free(String place) throws IOException {
        faults().beforeWriting(clock);
        files.free(place);
    }

    @Override
    public long usedBytes() throws IOException {
        return files.usedBytes();
    }

    @Override
    public long freeBytes() throws IOException {
        if (faults().lines().contains("full")) {
            return 0;
        }
        synchronized (positions) {
            return Math.max(0, settings.capacityBytes() - end);
        }
    }

    @Override
    public void close() {
        files.close();
    }

    @Override
    public String toString() {
        return files.toString();
    }
}

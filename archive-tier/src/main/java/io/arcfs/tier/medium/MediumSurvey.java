package io.arcfs.tier.medium;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.container.ContainerFormat;
import io.arcfs.tier.container.FooterReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says what volumes have containers at a place, with nothing known of them: what a rebuild begins
 * with. Reads only. Stateless.
 */
public final class MediumSurvey {
    private static final int MOST_FOOTER_BYTES = 64 << 20;

    private MediumSurvey() {}

    /**
     * A volume's medium.
     *
     * @param geometry as a footer there says; null if there is no whole one
     */
    public record Found(UUID volume, UUID medium, @Nullable Geometry geometry) {}

    /** Media at the place of a spec; none if nothing there is a medium. */
    public static List<Found> of(MediumSpec spec) throws IOException {
        return switch (spec.kind()) {
            case DIR, SIM -> inDirectory(spec.path());
            case BLOCK -> onDevice(spec.path());
        };
    }

    private static List<Found> inDirectory(Path path) throws IOException {
        List<Found> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(path, "arcfs-*")) {
            for (Path folder : folders) {
                Path file = folder.resolve(DirectoryMedium.LABEL);
                if (Files.isRegularFile(file)) {
                    MediumLabel label =
                            MediumLabel.decode(Files.readAllBytes(file), file.toString());
                    found.add(new Found(label.volume(), label.medium(), geometryIn(folder)));
                }
            }
        }
        return found;
    }

    private static @Nullable Geometry geometryIn(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> containers = Files.newDirectoryStream(folder, "c*.*")) {
            containers.forEach(files::add);
        }
        files.sort(null);
        for (Path container : files) {
            try (PosixFile file = PosixFile.open(container, OpenFlag.READ)) {
                return geometry(file::read, file.size(), container.toString());
            } catch (IOException e) {
                // The next one may be whole.
            }
        }
        return null;
    }

    private static List<Found> onDevice(Path path) throws IOException {
        try (AlignedFile file = AlignedFile.open(path, AlignedFile.Transfers.POSITIONED)) {
            byte[] first = new byte[AlignedFile.BLOCK];
            file.read(0, MemorySegment.ofArray(first));
            MediumLabel label =
                    MediumLabel.decode(Arrays.copyOf(first, MediumLabel.BYTES), path.toString());
            ByteBuffer rest = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
            int slots = rest.getInt(MediumLabel.BYTES);
            long containerBytes = rest.getLong(MediumLabel.BYTES + 4);
            return List.of(
                    new Found(
                            label.volume(),
                            label.medium(),
                            geometryOn(file, slots, containerBytes, path)));
        }
    }

    private static @Nullable Geometry geometryOn(
            AlignedFile file, int slots, long containerBytes, Path path) {
        for (int slot = 0; slot < slots; slot++) {
            long start = BlockMedium.slotsStart(slots) + slot * containerBytes;
            try {
                return geometry(
                        (offset, target) -> {
                            file.read(start + offset, target);
                            return (int) target.byteSize();
                        },
                        containerBytes,
                        path + " slot " + slot);
            } catch (IOException e) {
                // Free, or damaged.
            }
        }
        return null;
    }

    /** Reads bytes of a container; returns how many there were. */
    private interface ContainerBytes {
        int read(long offset, MemorySegment target) throws IOException;
    }

    private static Geometry geometry(ContainerBytes bytes, long containerBytes, String source)
            throws IOException {
        byte[] tail =
                read(
                        bytes,
                        containerBytes - ContainerFormat.TAIL_BYTES,
                        ContainerFormat.TAIL_BYTES,
                        source);
        long at = FooterReader.footerOffset(tail, source);
        byte[] envelope = read(bytes, at, FooterReader.envelopeBytes(), source);
        int length = FooterReader.length(envelope, source);
        if (length > Math.min(MOST_FOOTER_BYTES, containerBytes)) {
            throw new IOException(source + ": a footer of " + length + " bytes");
        }
        return FooterReader.decode(read(bytes, at, length, source), source).geometry();
    }

    private static byte[] read(ContainerBytes bytes, long offset, int length, String source)
            throws IOException {
        if (offset < 0) {
            throw new IOException(source + ": is too short for a container");
        }
        byte[] target = new byte[length];
        if (bytes.read(offset, MemorySegment.ofArray(target)) < length) {
            throw new IOException(source + ": ends at byte " + offset);
        }
        return target;
    }
}

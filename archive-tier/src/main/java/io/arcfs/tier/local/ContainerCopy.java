package io.arcfs.tier.local;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.BufferPool;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import io.arcfs.tier.container.FooterWriter;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.Medium;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Writes a closed container to a medium and reads it back: objects in order, then the footer, then
 * every object again, held against the footer's checksums. One instance per copy, confined to the
 * destage thread.
 */
final class ContainerCopy {
    private final Geometry geometry;
    private final ContainerSlot slot;
    private final PooledMedium medium;
    private final BufferPool buffers;
    private final CopySource source;
    private final Pace pace;
    private final BooleanSupplier stopped;
    private final LongConsumer progress;

    ContainerCopy(
            Geometry geometry,
            ContainerSlot slot,
            PooledMedium medium,
            BufferPool buffers,
            CopySource source,
            Pace pace,
            BooleanSupplier stopped,
            LongConsumer progress) {
        this.geometry = geometry;
        this.slot = slot;
        this.medium = medium;
        this.buffers = buffers;
        this.source = source;
        this.pace = pace;
        this.stopped = stopped;
        this.progress = progress;
    }

    /** Where the bytes come from. */
    @FunctionalInterface
    interface CopySource {
        void read(long offsetInContainer, MemorySegment target) throws IOException;
    }

    /** The SSD copy cannot be read; no medium is to blame. */
    static final class SourceException extends IOException {
        private static final long serialVersionUID = 1L;

        SourceException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** The tier closes; the copy is begun anew next time. */
    static final class StoppedException extends IOException {
        private static final long serialVersionUID = 1L;

        StoppedException() {
            super("the tier is closing");
        }
    }

    Placement run() throws IOException {
        byte[] footerBytes = footerBytes();
        Footer footer = FooterReader.decode(footerBytes, "tier catalog, " + slot.id());
        Medium open = medium.open();
        refuseAnotherLife(open, footer);
        MemorySegment buffer = buffers.take();
        try {
            String place = write(open, footer, footerBytes, buffer);
            try {
                verify(open, place, footer, footerBytes, buffer);
            } catch (StoppedException e) {
                throw e; // written whole; the next try writes it again
            } catch (IOException e) {
                // Where it took the place of an older copy, that one is gone already: objects
                // that are right there may be right nowhere else.
                if (slot.placements().stream().noneMatch(p -> p.place().equals(place))) {
                    open.free(place);
                }
                throw e;
            }
            Failpoint.COPY_VERIFIED.reach();
            return new Placement(open.id(), place);
        } finally {
            buffers.give(buffer);
        }
    }

    /**
     * A copy that the catalog does not know, of the same container with other bytes, was written by
     * another life of the volume: it was restored from a backup, or copied. Its bytes may be the
     * only ones there are.
     */
    private void refuseAnotherLife(Medium open, Footer footer) throws IOException {
        if (slot.placements().stream().anyMatch(known -> known.medium().equals(open.id()))) {
            return;
        }
        Optional<Medium.StoredContainer> there = open.find(slot.id());
        if (there.isPresent() && !Arrays.equals(there.get().footer().sha256(), footer.sha256())) {
            throw new IOException(
                    medium
                            + " holds "
                            + slot.id()
                            + " with other bytes: the volume was restored from a backup or copied,"
                            + " and the medium knows a later life of it; nothing was overwritten");
        }
    }

    private byte[] footerBytes() throws SourceException {
        try {
            return slot.footerBytes();
        } catch (IOException e) {
            throw new SourceException(e);
        }
    }

    private String write(Medium open, Footer footer, byte[] footerBytes, MemorySegment buffer)
            throws IOException {
        ObjectTable objects = footer.objects();
        MemorySegment zeros = MemorySegment.ofArray(new byte[geometry.objectBytes()]);
        try (Medium.ContainerWriter writer = open.begin(slot.id())) {
            for (int object = 0; object < objects.count(); object++) {
                failIfStopped();
                pace.before(objects.length(object));
                MemorySegment bytes = buffer.asSlice(0, objects.length(object));
                readSource(objects, object, bytes);
                if (bytes.mismatch(zeros.asSlice(0, bytes.byteSize())) != -1) {
                    writer.write(objects.offset(object), bytes);
                }
                medium.objectsWritten.incrementAndGet();
                progress.accept(objects.offset(object) + bytes.byteSize());
            }
            writer.write(geometry.dataBytes(), MemorySegment.ofArray(footerBytes));
            byte[] tail = FooterWriter.encodeTail(geometry);
            writer.write(geometry.containerBytes() - tail.length, MemorySegment.ofArray(tail));
            return writer.commit();
        }
    }

    private void readSource(ObjectTable objects, int object, MemorySegment bytes)
            throws SourceException {
        try {
            source.read(objects.offset(object), bytes);
            if (Checksums.crc32c(bytes) != objects.crc(object)) {
                throw new IOException(
                        slot.id() + " object " + object + ": bytes do not fit the footer");
            }
        } catch (IOException e) {
            throw new SourceException(e);
        }
    }

    private void verify(
            Medium open, String place, Footer footer, byte[] footerBytes, MemorySegment buffer)
            throws IOException {
        ObjectTable objects = footer.objects();
        MessageDigest sha256 = Checksums.sha256();
        try (Medium.PlaceReader reader = open.reader(place)) {
            readBack(reader, objects, buffer, sha256);
        }
        byte[] readBack = new byte[footerBytes.length];
        open.read(place, geometry.dataBytes(), MemorySegment.ofArray(readBack));
        if (!Arrays.equals(readBack, footerBytes)
                || !Arrays.equals(sha256.digest(), footer.sha256())) {
            throw new IOException(medium + ": " + slot.id() + " reads back wrong");
        }
    }

    private void readBack(
            Medium.PlaceReader reader,
            ObjectTable objects,
            MemorySegment buffer,
            MessageDigest sha256)
            throws IOException {
        for (int object = 0; object < objects.count(); object++) {
            failIfStopped();
            pace.before(objects.length(object));
            MemorySegment bytes = buffer.asSlice(0, objects.length(object));
            reader.read(objects.offset(object), bytes);
            if (Checksums.crc32c(bytes) != objects.crc(object)) {
                throw new IOException(
                        medium + ": " + slot.id() + " object " + object + " reads back wrong");
            }
            sha256.update(bytes.asByteBuffer());
            medium.objectsVerified.incrementAndGet();
        }
    }

    private void failIfStopped() throws StoppedException {
        if (stopped.getAsBoolean()) {
            throw new StoppedException();
        }
    }
}

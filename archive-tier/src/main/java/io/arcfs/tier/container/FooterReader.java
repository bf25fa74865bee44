package io.arcfs.tier.container;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Decodes footers and tails as {@link ContainerFormat} describes them, believing nothing: the
 * checksum comes first, and every count is held against the bytes that are left before anything is
 * allocated for it. One instance per footer, confined to its caller.
 */
public final class FooterReader {
    private final ByteBuffer in;
    private final String source;

    private FooterReader(byte[] bytes, String source) {
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.source = source;
    }

    /** How long the footer is whose first {@link #envelopeBytes()} bytes these are. */
    public static int length(byte[] envelope, String source) throws IOException {
        FooterReader reader = new FooterReader(envelope, source);
        reader.envelope(ContainerFormat.FOOTER_NAME);
        int length = reader.in.getInt();
        if (length < ContainerFormat.ENVELOPE_BYTES + ContainerFormat.CRC_BYTES) {
            throw reader.corrupt("the length is " + Integer.toUnsignedString(length));
        }
        return length;
    }

    /** Bytes that {@link #length} needs. */
    public static int envelopeBytes() {
        return ContainerFormat.ENVELOPE_BYTES;
    }

    /**
     * @param bytes begins with the footer; more may follow
     * @param source what to name in messages
     */
    public static Footer decode(byte[] bytes, String source) throws IOException {
        if (bytes.length < ContainerFormat.ENVELOPE_BYTES) {
            throw new CorruptFooterException(source, bytes.length, "it ends");
        }
        int length = length(bytes, source);
        if (length > bytes.length) {
            throw new CorruptFooterException(
                    source, bytes.length, "it ends, its length says " + length);
        }
        FooterReader reader = new FooterReader(bytes, source);
        reader.in.limit(length);
        reader.checkCrc(length);
        reader.in.position(ContainerFormat.ENVELOPE_BYTES);
        return reader.body();
    }

    /** Where in its container the footer begins, by the container's last bytes. */
    public static long footerOffset(byte[] tail, String source) throws IOException {
        if (tail.length != ContainerFormat.TAIL_BYTES) {
            throw new CorruptFooterException(source, 0, "the tail has " + tail.length + " bytes");
        }
        FooterReader reader = new FooterReader(tail, source);
        reader.envelope(ContainerFormat.TAIL_NAME);
        reader.checkCrc(tail.length);
        return reader.in.getLong();
    }

    private Footer body() throws IOException {
        UUID volume = uuid();
        Geometry geometry = geometry();
        ContainerId container = containerId();
        long usedBytes = nonNegative("used bytes", in.getLong());
        if (usedBytes > geometry.dataBytes()) {
            throw corrupt(usedBytes + " used bytes in a data area of " + geometry.dataBytes());
        }
        ObjectTable objects = objects(geometry, usedBytes);
        byte[] sha256 = bytes(ContainerFormat.SHA256_BYTES);
        byte[] descriptor = bytes(count("descriptor bytes", 1));
        int imageCount = count("images", ContainerFormat.IMAGE_FIXED_BYTES);
        List<ImageRecord> images = new ArrayList<>(imageCount);
        for (int i = 0; i < imageCount; i++) {
            images.add(image());
        }
        if (in.remaining() != ContainerFormat.CRC_BYTES) {
            throw corrupt(in.remaining() + " bytes are left, expected the checksum's 4");
        }
        return new Footer(
                volume,
                geometry,
                container,
                usedBytes,
                objects,
                sha256,
                descriptor,
                List.copyOf(images));
    }

    private Geometry geometry() throws CorruptFooterException {
        need(32);
        int blockBytes = in.getInt();
        int chunkBytes = in.getInt();
        int objectBytes = in.getInt();
        int containers = in.getInt();
        long dataBytes = in.getLong();
        long containerBytes = in.getLong();
        try {
            return new Geometry(
                    blockBytes, chunkBytes, objectBytes, dataBytes, containerBytes, containers);
        } catch (IllegalArgumentException e) {
            throw corrupt("no geometry: " + e.getMessage());
        }
    }

    private ObjectTable objects(Geometry geometry, long usedBytes) throws CorruptFooterException {
        int count = count("objects", ContainerFormat.OBJECT_BYTES);
        int expected = ObjectTable.count(geometry, usedBytes);
        if (count != expected) {
            throw corrupt(count + " objects, " + usedBytes + " used bytes make " + expected);
        }
        int[] lengths = new int[count];
        int[] crcs = new int[count];
        for (int i = 0; i < count; i++) {
            lengths[i] = in.getInt();
            crcs[i] = in.getInt();
        }
        ObjectTable table = ObjectTable.of(geometry, usedBytes, crcs);
        for (int i = 0; i < count; i++) {
            if (lengths[i] != table.length(i)) {
                throw corrupt(
                        "object " + i + " has length " + lengths[i] + ", not " + table.length(i));
            }
        }
        return table;
    }

    private ImageRecord image() throws CorruptFooterException {
        need(ContainerFormat.IMAGE_FIXED_BYTES);
        int firstLayer = in.getInt();
        int lastLayer = in.getInt();
        int generation = in.getInt();
        UUID uuid = uuid();
        long lengthBytes = nonNegative("image length", in.getLong());
        int extentCount = count("extents", ContainerFormat.EXTENT_BYTES);
        List<DeviceExtent> extents = new ArrayList<>(extentCount);
        for (int i = 0; i < extentCount; i++) {
            long address = nonNegative("extent address", in.getLong());
            extents.add(new DeviceExtent(address, nonNegative("extent length", in.getLong())));
        }
        byte[] sha256 = bytes(ContainerFormat.SHA256_BYTES);
        int manifestCount = count("manifest entries", ContainerFormat.MANIFEST_ENTRY_BYTES);
        List<ContainerId> manifest = new ArrayList<>(manifestCount);
        for (int i = 0; i < manifestCount; i++) {
            manifest.add(containerId());
        }
        need(16);
        return new ImageRecord(
                firstLayer,
                lastLayer,
                generation,
                uuid,
                lengthBytes,
                List.copyOf(extents),
                sha256,
                List.copyOf(manifest),
                in.getLong(),
                in.getLong());
    }

    private ContainerId containerId() throws CorruptFooterException {
        need(8);
        int number = in.getInt();
        int sequence = in.getInt();
        try {
            return new ContainerId(number, sequence);
        } catch (IllegalArgumentException e) {
            throw corrupt("no container id: " + e.getMessage());
        }
    }

    private void envelope(String name) throws IOException {
        need(ContainerFormat.ENVELOPE_BYTES - 4);
        int magic = in.getInt();
        if (magic != ContainerFormat.MAGIC) {
            throw corrupt("the magic is " + Integer.toHexString(magic));
        }
        String actual =
                new String(bytes(ContainerFormat.NAME_BYTES), StandardCharsets.US_ASCII)
                        .replace("\0", "");
        if (!actual.equals(name)) {
            throw corrupt("the format is \"" + actual + "\", not \"" + name + "\"");
        }
        int version = in.getInt();
        if (version != ContainerFormat.VERSION) {
            throw new UnsupportedFooterException(source, version);
        }
    }

    private void checkCrc(int length) throws CorruptFooterException {
        int covered = length - ContainerFormat.CRC_BYTES;
        int actual = Checksums.crc32c(MemorySegment.ofArray(in.array()).asSlice(0, covered));
        int stored = in.getInt(covered);
        if (actual != stored) {
            throw new CorruptFooterException(
                    source,
                    covered,
                    "the CRC32C is "
                            + Integer.toHexString(stored)
                            + ", the bytes make "
                            + Integer.toHexString(actual));
        }
    }

    private UUID uuid() throws CorruptFooterException {
        need(16);
        in.order(ByteOrder.BIG_ENDIAN);
        UUID uuid = new UUID(in.getLong(), in.getLong());
        in.order(ByteOrder.LITTLE_ENDIAN);
        return uuid;
    }

    private byte[] bytes(int length) throws CorruptFooterException {
        need(length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** A count of things of at least {@code eachBytes}, never more than the bytes left can hold. */
    private int count(String what, int eachBytes) throws CorruptFooterException {
        need(4);
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / eachBytes) {
            throw corrupt(
                    Integer.toUnsignedString(count)
                            + " "
                            + what
                            + " in "
                            + in.remaining()
                            + " bytes");
        }
        return count;
    }

    private long nonNegative(String what, long value) throws CorruptFooterException {
        if (value < 0) {
            throw corrupt(what + " is " + Long.toUnsignedString(value));
        }
        return value;
    }

    private void need(int bytes) throws CorruptFooterException {
        if (in.remaining() < bytes) {
            throw corrupt("it ends, " + bytes + " more bytes are needed");
        }
    }

    private CorruptFooterException corrupt(String what) {
        return new CorruptFooterException(source, in.position(), what);
    }
}

package io.arcfs.tier.container;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Encodes footers and tails as {@link ContainerFormat} describes them. Immutable. */
public final class FooterWriter {
    private FooterWriter() {}

    public static byte[] encode(Footer footer) throws FooterTooLargeException {
        long length = lengthOf(footer);
        long room = ContainerFormat.footerRoom(footer.geometry());
        if (length > room) {
            throw new FooterTooLargeException(footer.container(), length, room);
        }
        byte[] bytes = new byte[(int) length];
        ByteBuffer out = littleEndian(bytes);
        putEnvelope(out, ContainerFormat.FOOTER_NAME);
        out.putInt((int) length);
        putUuid(out, footer.volume());
        putGeometry(out, footer.geometry());
        out.putInt(footer.container().number()).putInt(footer.container().sequence());
        out.putLong(footer.usedBytes());
        putObjects(out, footer.objects());
        out.put(sha256(footer.sha256()));
        out.putInt(footer.descriptor().length).put(footer.descriptor());
        out.putInt(footer.images().size());
        for (ImageRecord image : footer.images()) {
            putImage(out, image);
        }
        putCrc(out, bytes);
        return bytes;
    }

    /** The last bytes of every container of this geometry. */
    public static byte[] encodeTail(Geometry geometry) {
        byte[] bytes = new byte[ContainerFormat.TAIL_BYTES];
        ByteBuffer out = littleEndian(bytes);
        putEnvelope(out, ContainerFormat.TAIL_NAME);
        out.putLong(geometry.dataBytes());
        putCrc(out, bytes);
        return bytes;
    }

    private static long lengthOf(Footer footer) {
        long length = ContainerFormat.ENVELOPE_BYTES + 16 + 32 + 8 + 8;
        length += 4 + (long) footer.objects().count() * ContainerFormat.OBJECT_BYTES;
        length += ContainerFormat.SHA256_BYTES + 4 + footer.descriptor().length + 4L;
        for (ImageRecord image : footer.images()) {
            length += ContainerFormat.IMAGE_FIXED_BYTES;
            length += (long) image.extents().size() * ContainerFormat.EXTENT_BYTES;
            length += (long) image.manifest().size() * ContainerFormat.MANIFEST_ENTRY_BYTES;
        }
        return length + ContainerFormat.CRC_BYTES;
    }

    private static void putObjects(ByteBuffer out, ObjectTable objects) {
        out.putInt(objects.count());
        for (int i = 0; i < objects.count(); i++) {
            out.putInt(objects.length(i)).putInt(objects.crc(i));
        }
    }

    private static void putImage(ByteBuffer out, ImageRecord image) {
        out.putInt(image.firstLayer()).putInt(image.lastLayer()).putInt(image.generation());
        putUuid(out, image.uuid());
        out.putLong(image.lengthBytes());
        out.putInt(image.extents().size());
        for (DeviceExtent extent : image.extents()) {
            out.putLong(extent.address()).putLong(extent.lengthBytes());
        }
        out.put(sha256(image.sha256()));
        out.putInt(image.manifest().size());
        for (ContainerId entry : image.manifest()) {
            out.putInt(entry.number()).putInt(entry.sequence());
        }
        out.putLong(image.nextInode()).putLong(image.commit());
    }

    private static void putGeometry(ByteBuffer out, Geometry geometry) {
        out.putInt(geometry.blockBytes()).putInt(geometry.chunkBytes());
        out.putInt(geometry.objectBytes()).putInt(geometry.containers());
        out.putLong(geometry.dataBytes()).putLong(geometry.containerBytes());
    }

    private static byte[] sha256(byte[] digest) {
        if (digest.length != ContainerFormat.SHA256_BYTES) {
            throw new IllegalArgumentException("a SHA-256 of " + digest.length + " bytes");
        }
        return digest;
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void putEnvelope(ByteBuffer out, String name) {
        byte[] field = new byte[ContainerFormat.NAME_BYTES];
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, field, 0, ascii.length);
        out.putInt(ContainerFormat.MAGIC).put(field).putInt(ContainerFormat.VERSION);
    }

    private static void putUuid(ByteBuffer out, UUID uuid) {
        out.order(ByteOrder.BIG_ENDIAN);
        out.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
        out.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Closes a structure with the checksum of everything put so far. */
    private static void putCrc(ByteBuffer out, byte[] bytes) {
        out.putInt(Checksums.crc32c(MemorySegment.ofArray(bytes).asSlice(0, out.position())));
    }
}

package io.arcfs.it.desktop;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A JPEG with or without a thumbnail in its EXIF block. Stateless. */
final class Photo {
    private static final int APP1 = 0xE1;

    // TIFF tags and types, EXIF 2.3.
    private static final short COMPRESSION = 0x0103;
    private static final short THUMBNAIL_OFFSET = 0x0201;
    private static final short THUMBNAIL_LENGTH = 0x0202;
    private static final short LONG = 4;
    private static final int OLD_JPEG = 6;

    private Photo() {}

    /** The same picture with a small one in front of it, as cameras write it. */
    static byte[] withThumbnail(byte[] jpeg, byte[] thumbnail) {
        ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 4 + 2 + 3 * 12 + 4 + thumbnail.length);
        tiff.order(ByteOrder.LITTLE_ENDIAN);
        tiff.put(new byte[] {'I', 'I'}).putShort((short) 42).putInt(8);
        tiff.putShort((short) 0).putInt(14); // IFD0: nothing; the next one is that of the thumbnail
        tiff.putShort((short) 3);
        int data = 14 + 2 + 3 * 12 + 4;
        entry(tiff, COMPRESSION, OLD_JPEG);
        entry(tiff, THUMBNAIL_OFFSET, data);
        entry(tiff, THUMBNAIL_LENGTH, thumbnail.length);
        tiff.putInt(0).put(thumbnail);
        byte[] head = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
        int length = 2 + head.length + tiff.capacity();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0xFF);
        out.write(0xD8);
        out.write(0xFF);
        out.write(APP1);
        out.write(length >> 8);
        out.write(length);
        out.writeBytes(head);
        out.writeBytes(tiff.array());
        out.writeBytes(Arrays.copyOfRange(jpeg, 2, jpeg.length));
        return out.toByteArray();
    }

    private static void entry(ByteBuffer tiff, short tag, int value) {
        tiff.putShort(tag).putShort(LONG).putInt(1).putInt(value);
    }
}

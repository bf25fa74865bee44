package io.arcfs.tier.catalog;

import java.nio.ByteBuffer;

/**
 * The last sequence under which a container's number was used, as a note of the catalog: none of
 * them is used again, because images on the media may still name it. Stateless.
 */
public final class SequenceNote {
    private SequenceNote() {}

    public static String name(int number) {
        return "last sequence of " + number;
    }

    public static byte[] value(int sequence) {
        return ByteBuffer.allocate(4).putInt(sequence).array();
    }

    public static int sequence(byte[] value) {
        return ByteBuffer.wrap(value).getInt();
    }
}

package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A reply as the kernel reads it: what write(2) would be given, decoded apart from the encoder. */
final class ReplyFrame {
    static final int HEADER_BYTES = 16;

    private final ByteBuffer bytes;

    private ReplyFrame(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** The reply that is ready to be sent; its header must say what is sent. */
    static ReplyFrame of(Buffers buffers, Reply reply) {
        var frame =
                new ReplyFrame(
                        buffers.memory
                                .asSlice(reply.address() - buffers.address, reply.lengthBytes())
                                .asByteBuffer()
                                .order(ByteOrder.LITTLE_ENDIAN));
        assertThat(frame.bytes.getInt(0)).as("length").isEqualTo(reply.lengthBytes());
        return frame;
    }

    int error() {
        return bytes.getInt(4);
    }

    long unique() {
        return bytes.getLong(8);
    }

    int bodyBytes() {
        return bytes.limit() - HEADER_BYTES;
    }

    /** A field of the body; offsets as in the kernel's structures. */
    int i32(int at) {
        return bytes.getInt(HEADER_BYTES + at);
    }

    int u16(int at) {
        return Short.toUnsignedInt(bytes.getShort(HEADER_BYTES + at));
    }

    long i64(int at) {
        return bytes.getLong(HEADER_BYTES + at);
    }

    byte[] raw(int at, int count) {
        byte[] raw = new byte[count];
        bytes.get(HEADER_BYTES + at, raw);
        return raw;
    }
}

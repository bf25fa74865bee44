package io.arcfs.overlay.catalog;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes a record's fields one behind the other, big-endian. Confined to one thread. */
final class RecordWriter {
    private byte[] bytes;
    private ByteBuffer view;

    RecordWriter(int formatVersion) {
        bytes = new byte[128];
        view = ByteBuffer.wrap(bytes);
        u8(formatVersion);
    }

    RecordWriter u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    RecordWriter i32(int value) {
        room(4).putInt(value);
        return this;
    }

    RecordWriter i64(long value) {
        room(8).putLong(value);
        return this;
    }

    RecordWriter bytes(byte[] value) {
        room(4 + value.length).putInt(value.length).put(value);
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, view.position());
    }

    private ByteBuffer room(int length) {
        if (view.remaining() < length) {
            int position = view.position();
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, position + length));
            view = ByteBuffer.wrap(bytes).position(position);
        }
        return view;
    }
}

package io.arcfs.overlay.catalog;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Reads what {@link RecordWriter} wrote; a damaged record gives {@link CorruptCatalogException}.
 */
final class RecordReader {
    private final String what;
    private final ByteBuffer view;

    RecordReader(String what, int formatVersion, byte[] bytes) {
        this.what = what;
        this.view = ByteBuffer.wrap(bytes);
        int found = u8();
        if (found != formatVersion) {
            throw new CorruptCatalogException(
                    what + " has version " + found + ", this arcfs knows " + formatVersion);
        }
    }

    int u8() {
        try {
            return view.get() & 0xff;
        } catch (BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    int i32() {
        try {
            return view.getInt();
        } catch (BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    long i64() {
        try {
            return view.getLong();
        } catch (BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    byte[] bytes() {
        int length = count(1);
        byte[] value = new byte[length];
        view.get(value);
        return value;
    }

    /** A number of items that each take at least {@code itemBytes} of the rest of the record. */
    int count(int itemBytes) {
        int count = i32();
        if (count < 0 || (long) count * itemBytes > view.remaining()) {
            throw new CorruptCatalogException(
                    what + " counts " + count + " items in " + view.remaining() + " bytes");
        }
        return count;
    }

    private CorruptCatalogException tooShort(BufferUnderflowException cause) {
        CorruptCatalogException e =
                new CorruptCatalogException(what + " ends after " + view.capacity() + " bytes");
        e.initCause(cause);
        return e;
    }
}

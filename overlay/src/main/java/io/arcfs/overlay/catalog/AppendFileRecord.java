package io.arcfs.overlay.catalog;

/**
 * An append file and how much of it is known to be durable. After power loss the file is cut to
 * {@code durableEnd}; after the death of the process alone its own length counts.
 *
 * @param inode the inode it belongs to
 */
public record AppendFileRecord(long number, long inode, long durableEnd) {
    private static final int VERSION = 1;

    byte[] toBytes() {
        return new RecordWriter(VERSION).i64(inode).i64(durableEnd).toBytes();
    }

    static AppendFileRecord of(long number, byte[] bytes) {
        RecordReader r = new RecordReader("append file record", VERSION, bytes);
        return new AppendFileRecord(number, r.i64(), r.i64());
    }
}

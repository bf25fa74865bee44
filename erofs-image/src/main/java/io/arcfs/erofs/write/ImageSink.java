package io.arcfs.erofs.write;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes a file front to back through a buffer. Confined to one thread. */
final class ImageSink implements Closeable {
    /** Small enough that an image of a few inodes costs little. */
    private static final int BUFFER = 1 << 18;

    private static final byte[] ZEROS = new byte[4096];

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

    /** Where the buffer's first byte belongs. */
    private long flushed;

    private ImageSink(FileChannel channel) {
        this.channel = channel;
    }

    /** For a new file. */
    static ImageSink create(Path file) throws IOException {
        return new ImageSink(
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    }

    /** For a file that holds something already, which stays unless it is written over. */
    static ImageSink open(Path file) throws IOException {
        return new ImageSink(
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    long position() {
        return flushed + buffer.position();
    }

    void put(byte[] bytes) throws IOException {
        put(bytes, 0, bytes.length);
    }

    void put(byte[] bytes, int length) throws IOException {
        put(bytes, 0, length);
    }

    void put(byte[] bytes, int start, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int part = Math.min(length - done, buffer.remaining());
            buffer.put(bytes, start + done, part);
            done += part;
        }
    }

    /** Puts the bytes of a file from an offset on. */
    void copy(FileData.Bytes bytes, long offset, long length) throws IOException {
        long done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int part = (int) Math.min(length - done, buffer.remaining());
            int at = buffer.position();
            bytes.read(offset + done, MemorySegment.ofBuffer(buffer.slice(at, part)));
            buffer.position(at + part);
            done += part;
        }
    }

    /** Zeros up to a position ahead. */
    void padTo(long position) throws IOException {
        long rest = position - position();
        if (rest < 0) {
            throw new IllegalStateException("at " + position() + ", behind " + position);
        }
        while (rest > 0) {
            int part = (int) Math.min(rest, ZEROS.length);
            put(ZEROS, part);
            rest -= part;
        }
    }

    /** Goes on at a position ahead; what the file has before it stays. */
    void skipTo(long position) throws IOException {
        if (position != position()) {
            flush();
            flushed = position;
        }
    }

    /** Bytes of the file that are already put. */
    ByteBuffer readBack(long offset, int length) throws IOException {
        flush();
        ByteBuffer read = ByteBuffer.allocate(length);
        while (read.hasRemaining()) {
            if (channel.read(read, offset + read.position()) < 0) {
                throw new IllegalStateException("nothing written at " + offset);
            }
        }
        return read.flip();
    }

    void overwrite(long offset, ByteBuffer bytes) throws IOException {
        flush();
        write(offset, bytes);
    }

    /** Makes everything durable. */
    void force() throws IOException {
        flush();
        channel.force(true);
    }

    private void flush() throws IOException {
        buffer.flip();
        write(flushed, buffer);
        flushed += buffer.limit();
        buffer.clear();
    }

    private void write(long offset, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            offset += channel.write(bytes, offset);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

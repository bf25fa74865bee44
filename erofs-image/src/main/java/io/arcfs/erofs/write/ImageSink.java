package io.arcfs.erofs.write;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes a new file front to back through a buffer. Confined to one thread. */
final class ImageSink implements Closeable {
    private static final int BUFFER = 1 << 20;
    private static final byte[] ZEROS = new byte[4096];

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private long flushed;

    private ImageSink(FileChannel channel) {
        this.channel = channel;
    }

    static ImageSink create(Path file) throws IOException {
        return new ImageSink(
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    }

    long position() {
        return flushed + buffer.position();
    }

    void put(byte[] bytes, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int part = Math.min(length - done, buffer.remaining());
            buffer.put(bytes, done, part);
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

    /** The first bytes of the file, which are already put. */
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
        while (bytes.hasRemaining()) {
            int written = channel.write(bytes, offset);
            offset += written;
        }
    }

    /** Makes everything durable. */
    void force() throws IOException {
        flush();
        channel.force(true);
    }

    private void flush() throws IOException {
        buffer.flip();
        flushed += buffer.limit();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

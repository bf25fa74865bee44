package io.arcfs.cli.control;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lines of UTF-8 over a socket, bounded in length. Reading is confined to one thread; writing is
 * thread-safe.
 */
final class LineChannel implements AutoCloseable {
    private final SocketChannel socket;
    private final InputStream in;
    private final Object writeLock = new Object();

    LineChannel(SocketChannel socket) {
        this.socket = socket;
        this.in = new BufferedInputStream(Channels.newInputStream(socket));
    }

    /** The next line, or null at the end. */
    @Nullable String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c = in.read();
        if (c < 0) {
            return null;
        }
        while (c >= 0 && c != '\n') {
            if (line.size() == ControlCodec.MAX_LINE_BYTES) {
                throw new IOException("a line of the control socket is too long");
            }
            line.write(c);
            c = in.read();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    void writeLine(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        synchronized (writeLock) {
            while (bytes.hasRemaining()) {
                socket.write(bytes);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

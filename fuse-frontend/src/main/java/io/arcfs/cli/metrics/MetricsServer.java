package io.arcfs.cli.metrics;

import io.arcfs.cli.CommandFailure;
import io.arcfs.recovery.MetricsAddress;
import io.arcfs.recovery.SafeText;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers every HTTP request with the metrics in Prometheus' text format, one request per
 * connection; on a Unix socket of the daemon's user or on a port of 127.0.0.1. Thread-safe.
 */
public final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
    private static final int REQUEST_BYTES = 8192;
    private static final int MOST_AT_ONCE = 4;
    private static final long PATIENCE_MILLIS = 5000;

    /** Gives what is known now. */
    @FunctionalInterface
    public interface Source {
        MetricSnapshots snapshots() throws IOException;
    }

    private final @Nullable ServerSocketChannel listener;
    private final @Nullable Path socket;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);

    private MetricsServer(@Nullable ServerSocketChannel listener, @Nullable Path socket) {
        this.listener = listener;
        this.socket = socket;
    }

    /**
     * Takes the address; nobody is answered before {@link #serve}.
     *
     * @throws CommandFailure if the address cannot be had
     */
    public static MetricsServer bind(MetricsAddress address) throws CommandFailure {
        try {
            return switch (address) {
                case MetricsAddress.Off _ -> new MetricsServer(null, null);
                case MetricsAddress.Unix(Path path) -> new MetricsServer(listenAt(path), path);
                case MetricsAddress.Loopback(int port) -> new MetricsServer(listenAt(port), null);
            };
        } catch (IOException e) {
            throw new CommandFailure(
                    "metrics.listen",
                    SafeText.of(address + " cannot be had: " + e.getMessage()),
                    "choose another address with arc config set, or off",
                    e);
        }
    }

    /** Whether there is an address at which somebody may ask. */
    public boolean isOn() {
        return listener != null;
    }

    /** Answers from now on. */
    public void serve(Source source) {
        ServerSocketChannel opened = listener;
        if (opened != null) {
            Thread.ofPlatform().name("metrics").daemon(true).start(() -> accept(opened, source));
        }
    }

    private static ServerSocketChannel listenAt(int port) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            listener.bind(new InetSocketAddress(loopback, port));
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** A socket that nobody listens at any more is replaced, nothing else is. */
    private static ServerSocketChannel listenAt(Path path) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            if (isDeadSocket(path)) {
                Files.delete(path);
            }
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private static boolean isDeadSocket(Path path) throws IOException {
        boolean isSocket =
                Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
        if (!isSocket) {
            return false;
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private void accept(ServerSocketChannel opened, Source source) {
        while (opened.isOpen()) {
            try {
                SocketChannel connection = opened.accept();
                if (places.tryAcquire()) {
                    Thread.ofVirtual()
                            .name("metrics-answer")
                            .start(() -> answer(connection, source));
                } else {
                    connection.close();
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("metrics accept failed reason={}", e.toString());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // The edge of the daemon: a failure is told to the one who asked, and to the log.
    private void answer(SocketChannel connection, Source source) {
        Thread patience = Thread.ofVirtual().start(() -> closeLater(connection));
        try (connection) {
            if (readRequest(connection)) {
                write(connection, response(source));
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("metrics request ended reason={}", e.toString());
        } finally {
            patience.interrupt();
            places.release();
        }
    }

    private static void closeLater(SocketChannel connection) {
        try {
            Thread.sleep(PATIENCE_MILLIS);
            connection.close();
        } catch (InterruptedException | IOException e) {
            LOG.trace("answered in time");
        }
    }

    /** Whatever is asked for, up to the empty line; false if the asker went away. */
    private static boolean readRequest(SocketChannel connection) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(REQUEST_BYTES);
        while (request.hasRemaining() && connection.read(request) >= 0) {
            String soFar =
                    new String(request.array(), 0, request.position(), StandardCharsets.ISO_8859_1);
            if (soFar.contains("\r\n\r\n") || soFar.contains("\n\n")) {
                return true;
            }
        }
        return !request.hasRemaining();
    }

    private static byte[] response(Source source) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String status = "200 OK";
        try {
            PrometheusTextFormatWriter.create().write(body, source.snapshots());
        } catch (IOException | RuntimeException e) {
            LOG.error("metrics cannot be collected", e);
            body.reset();
            body.writeBytes("metrics cannot be collected\n".getBytes(StandardCharsets.US_ASCII));
            status = "500 Internal Server Error";
        }
        String head =
                "HTTP/1.1 "
                        + status
                        + "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8"
                        + "\r\nContent-Length: "
                        + body.size()
                        + "\r\nConnection: close\r\n\r\n";
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        whole.writeBytes(body.toByteArray());
        return whole.toByteArray();
    }

    private static void write(SocketChannel connection, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            connection.write(buffer);
        }
    }

    /** Stops listening. Idempotent. */
    @Override
    public void close() throws IOException {
        ServerSocketChannel opened = listener;
        if (opened != null && opened.isOpen()) {
            opened.close();
            if (socket != null) {
                Files.deleteIfExists(socket);
            }
        }
    }
}

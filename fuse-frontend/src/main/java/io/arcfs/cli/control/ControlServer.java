package io.arcfs.cli.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.FailureText;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on VOLUME/control.sock and hands requests to a handler, one thread per connection and a
 * bounded number of them. Only the holder of the volume's lock may start one: it removes the socket
 * that a dead process left. Thread-safe.
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int MAX_CONNECTIONS = 32;

    /**
     * On a busy machine a worker may not run for seconds, and whoever asked would be told a lie.
     */
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(15);

    private final ControlCodec codec = new ControlCodec();
    private final Path socket;
    private final ServerSocketChannel listener;
    private final ControlHandler handler;
    private final Semaphore places = new Semaphore(MAX_CONNECTIONS);
    private final Set<Thread> workers = ConcurrentHashMap.newKeySet();

    private ControlServer(Path socket, ServerSocketChannel listener, ControlHandler handler) {
        this.socket = socket;
        this.listener = listener;
        this.handler = handler;
    }

    public static ControlServer start(VolumeLayout layout, ControlHandler handler)
            throws IOException {
        Path socket = layout.controlSocket();
        Files.deleteIfExists(socket);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try (SocketAddressing addressing = SocketAddressing.of(socket)) {
            listener.bind(addressing.address());
            // The volume directory is private until then.
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        ControlServer server = new ControlServer(socket, listener, handler);
        Thread.ofPlatform().name("control").daemon(true).start(server::accept);
        return server;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel connection = listener.accept();
                places.acquire();
                Thread worker =
                        Thread.ofPlatform()
                                .name("control-worker")
                                .daemon(true)
                                .unstarted(() -> serve(connection));
                workers.add(worker);
                worker.start();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("control accept failed reason={}", e.toString());
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Out of descriptors, most likely: wait instead of spinning. */
    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel connection) {
        try (LineChannel channel = new LineChannel(connection)) {
            String line = channel.readLine();
            if (line != null) {
                channel.writeLine(answer(line, channel).toString());
            }
        } catch (IOException e) {
            LOG.debug("control connection ended reason={}", e.toString());
        } finally {
            workers.remove(Thread.currentThread());
            places.release();
        }
    }

    // The edge of the daemon: whatever a request meets is told to the one who asked.
    @SuppressWarnings("PMD.AvoidCatchingThrowable")
    private ObjectNode answer(String line, LineChannel channel) {
        String verb = "request";
        try {
            ObjectNode json = codec.parse(line);
            verb = json.path("verb").asText(verb);
            ControlRequest request = codec.readRequest(json);
            ObjectNode reply = codec.object();
            reply.set("result", handler.handle(request, step -> tell(channel, step)));
            return reply;
        } catch (ControlCodec.BadMessageException e) {
            return codec.failure(
                    new CommandFailure(
                            "control socket",
                            SafeText.shortened(String.valueOf(e.getMessage()), 200),
                            "use an arc command of the same version"));
        } catch (CommandFailure e) {
            return codec.failure(e);
        } catch (Throwable e) {
            LOG.error("request failed verb={}", verb, e);
            return codec.failure(FailureText.of(e, verb));
        }
    }

    private void tell(LineChannel channel, Progress.Step step) {
        try {
            channel.writeLine(codec.progress(step).toString());
        } catch (IOException e) {
            // Who asked went away; what was asked goes on.
            LOG.debug("control progress not delivered reason={}", e.toString());
        }
    }

    /**
     * Stops listening, lets answers under way be written for a moment, and removes the socket.
     * Idempotent.
     */
    @Override
    public void close() throws IOException {
        if (!listener.isOpen()) {
            return;
        }
        listener.close();
        Files.deleteIfExists(socket);
        for (Thread worker : workers) {
            if (!worker.equals(Thread.currentThread())) {
                join(worker);
            }
        }
    }

    private static void join(Thread worker) {
        try {
            worker.join(ANSWER_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

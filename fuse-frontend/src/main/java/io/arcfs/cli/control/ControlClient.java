package io.arcfs.cli.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.CommandFailure;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeLayout;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Talks to the process that has a volume open. Confined to one thread. */
public final class ControlClient implements AutoCloseable {
    private final ControlCodec codec = new ControlCodec();
    private final Path volume;
    private final LineChannel channel;

    private ControlClient(Path volume, LineChannel channel) {
        this.volume = volume;
        this.channel = channel;
    }

    /**
     * Connects, or finds that nobody listens: no socket, or one left behind by a process that died.
     */
    public static Optional<ControlClient> connect(VolumeLayout layout) throws IOException {
        Path socket = layout.controlSocket();
        if (!Files.exists(socket)) {
            return Optional.empty();
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (SocketAddressing addressing = SocketAddressing.of(socket)) {
            channel.connect(addressing.address());
            return Optional.of(new ControlClient(layout.directory(), new LineChannel(channel)));
        } catch (ConnectException e) {
            channel.close();
            return Optional.empty();
        } catch (SocketException e) {
            channel.close();
            if (String.valueOf(e.getMessage()).contains("Connection refused")) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Asks, passes progress on, and returns the result. */
    public ObjectNode call(ControlRequest request, Progress progress)
            throws CommandFailure, IOException {
        channel.writeLine(codec.write(request).toString());
        for (String line = channel.readLine(); line != null; line = channel.readLine()) {
            ObjectNode message = parse(line);
            if (message.get("progress") instanceof ObjectNode step) {
                progress.report(ControlCodec.readStep(step));
            } else if (message.get("failure") instanceof ObjectNode failure) {
                throw ControlCodec.readFailure(failure);
            } else if (message.get("result") instanceof ObjectNode result) {
                return result;
            } else {
                throw broken("its answer is not understood", null);
            }
        }
        throw broken("the process that had it open ended before it answered", null);
    }

    private ObjectNode parse(String line) throws CommandFailure {
        try {
            return codec.parse(line);
        } catch (ControlCodec.BadMessageException e) {
            throw broken("its answer is not understood: " + e.getMessage(), e);
        }
    }

    private CommandFailure broken(String why, @Nullable Throwable cause) {
        return new CommandFailure(
                SafeText.of(volume), why, "look into " + volume.resolve("log"), cause);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

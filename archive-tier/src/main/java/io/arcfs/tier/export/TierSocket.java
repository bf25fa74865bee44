package io.arcfs.tier.export;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The socket of an exported tier, {@code VOLUME/tier/socket}, and its greeting: a magic number and
 * the node of the block device. Stateless.
 */
final class TierSocket {
    static final long MAGIC = 0x6172_6366_7374_7231L; // "arcfstr1"
    private static final String NAME = "socket";

    private TierSocket() {}

    static Path in(Path volume) {
        return volume.resolve("tier").resolve(NAME);
    }

    /** Listens; a socket that a dead owner left is replaced, which the tier's lock makes safe. */
    static ServerSocketChannel listen(Path volume) throws IOException {
        Path socket = in(volume);
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try (Address address = Address.of(socket)) {
            server.bind(address.address());
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    static SocketChannel connect(Path volume) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (Address address = Address.of(in(volume))) {
            channel.connect(address.address());
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    static DataInputStream input(SocketChannel channel) {
        return new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
    }

    static DataOutputStream output(SocketChannel channel) {
        return new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
    }

    /**
     * An address that is short enough: a directory's descriptor stands for a long path.
     *
     * @param directory kept open while the address is used
     */
    private record Address(UnixDomainSocketAddress address, PosixFile directory)
            implements AutoCloseable {
        static Address of(Path socket) throws IOException {
            Path parent = socket.toAbsolutePath().getParent();
            if (parent == null) {
                throw new IOException(socket + ": no place for a socket");
            }
            PosixFile directory = PosixFile.open(parent, OpenFlag.READ, OpenFlag.DIRECTORY);
            Path path = Path.of("/proc/self/fd", "" + directory.descriptor(), NAME);
            return new Address(UnixDomainSocketAddress.of(path), directory);
        }

        @Override
        public void close() throws IOException {
            directory.close();
        }
    }
}

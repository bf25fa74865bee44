package io.arcfs.cli.control;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The address of a socket file whose path may be longer than a socket address holds: then its
 * directory is opened and the address goes through that descriptor. Confined to one thread.
 */
final class SocketAddressing implements AutoCloseable {
    /** sun_path has 108 bytes with its NUL. */
    static final int MAX_ADDRESS_BYTES = 107;

    private final UnixDomainSocketAddress address;
    private final AutoCloseable directory;

    private SocketAddressing(UnixDomainSocketAddress address, AutoCloseable directory) {
        this.address = address;
        this.directory = directory;
    }

    static SocketAddressing of(Path socket) throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_ADDRESS_BYTES) {
            return new SocketAddressing(UnixDomainSocketAddress.of(socket), () -> {});
        }
        Path parent = socket.toAbsolutePath().getParent();
        Path name = socket.getFileName();
        if (parent == null || name == null) {
            throw new IOException(socket + ": no place for a socket");
        }
        PosixFile directory = PosixFile.open(parent, OpenFlag.READ, OpenFlag.DIRECTORY);
        Path shortened =
                Path.of("/proc/self/fd", Integer.toString(directory.descriptor()))
                        .resolve(name.toString());
        return new SocketAddressing(UnixDomainSocketAddress.of(shortened), directory);
    }

    /** Usable until this is closed. */
    UnixDomainSocketAddress address() {
        return address;
    }

    @Override
    public void close() throws IOException {
        try {
            directory.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot close a directory", e);
        }
    }
}

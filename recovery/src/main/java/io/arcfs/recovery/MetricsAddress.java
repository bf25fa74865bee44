package io.arcfs.recovery;

import java.nio.file.Path;

/** Where the metrics of a mounted volume are served; never beyond this machine. Immutable. */
public sealed interface MetricsAddress {
    String FORM = "\"off\", \"unix:PATH\" with an absolute path, or \"loopback:PORT\"";

    /** Longest path of a Unix socket, without the NUL. */
    int UNIX_PATH_BYTES = 107;

    /** Nowhere. */
    record Off() implements MetricsAddress {
        @Override
        public String toString() {
            return "off";
        }
    }

    /** A Unix socket that only the daemon's user may open. */
    record Unix(Path path) implements MetricsAddress {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /** A TCP port of 127.0.0.1. */
    record Loopback(int port) implements MetricsAddress {
        @Override
        public String toString() {
            return "loopback:" + port;
        }
    }

    /**
     * @throws IllegalArgumentException if the text is none of {@link #FORM}
     */
    static MetricsAddress parse(String text) {
        if (text.equals("off")) {
            return new Off();
        }
        if (text.startsWith("unix:/")) {
            String path = text.substring("unix:".length());
            if (path.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > UNIX_PATH_BYTES) {
                throw new IllegalArgumentException(
                        "has a path over the " + UNIX_PATH_BYTES + " bytes that sockets can have");
            }
            return new Unix(Path.of(path));
        }
        if (text.matches("loopback:[1-9][0-9]{0,4}")) {
            int port = Integer.parseInt(text.substring("loopback:".length()));
            if (port <= 65_535) {
                return new Loopback(port);
            }
        }
        throw new IllegalArgumentException("must be " + FORM);
    }
}

package io.arcfs.cli.verb;

import io.arcfs.ublk.DataPath;
import io.arcfs.ublk.ServerOptions;
import io.arcfs.ublk.ServerOptions.Privilege;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code arc device start} and its server take. Confined to one thread. */
final class DeviceOptions {
    private static final long DEFAULT_NULL_BYTES = 1L << 30;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "of a null device (default 1G)")
    @Nullable Long size;

    @Option(names = "--file", paramLabel = "PATH", description = "backing of a loop device")
    @Nullable String file;

    @Option(names = "--queues", paramLabel = "N", description = "default 1")
    int queues = 1;

    @Option(names = "--depth", paramLabel = "N", description = "requests per queue (default 128)")
    int depth = 128;

    @Option(names = "--id", paramLabel = "N", description = "the N of /dev/ublkbN")
    int id = -1;

    @Option(names = "--unprivileged", description = "a device without root; no recovery")
    boolean unprivileged;

    @Option(
            names = "--data",
            paramLabel = "HOW",
            hidden = true,
            description = "copy, get-data, user-copy or zero-copy")
    String data = "copy";

    @Option(names = "--max-request", hidden = true, converter = SizeConverter.class)
    long maxRequest = 512 << 10;

    long nullBytes() {
        return size == null ? DEFAULT_NULL_BYTES : size;
    }

    /**
     * @throws IllegalArgumentException naming what is wrong
     */
    ServerOptions toServerOptions() {
        if (maxRequest > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("largest request is " + maxRequest + ": too much");
        }
        return new ServerOptions(
                id,
                queues,
                depth,
                (int) maxRequest,
                dataPath(),
                unprivileged ? Privilege.UNPRIVILEGED : Privilege.PRIVILEGED);
    }

    private DataPath dataPath() {
        return switch (data) {
            case "copy" -> DataPath.COPY;
            case "get-data" -> DataPath.GET_DATA;
            case "user-copy" -> DataPath.USER_COPY;
            case "zero-copy" -> DataPath.ZERO_COPY;
            default ->
                    throw new IllegalArgumentException(
                            "--data is '" + data + "': copy, get-data, user-copy or zero-copy");
        };
    }
}

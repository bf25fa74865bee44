package io.arcfs.fuse;

import io.arcfs.fuse.jnr.JnrTransport;
import io.arcfs.fuse.kernel.NativeTransport;
import io.arcfs.fuse.memory.FileStorage;
import io.arcfs.fuse.memory.MemoryFileSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Mounts a file system in memory until somebody unmounts it: to look at, and to measure. */
final class MountMemory {
    private static final long CAPACITY_BYTES = 4L << 30;

    private MountMemory() {}

    /**
     * Arguments: the mountpoint, then words of -o; -Dbacking=DIRECTORY keeps the bytes in files.
     */
    public static void main(String[] arguments) throws Exception {
        var options =
                MountOptions.parse(List.of(arguments).subList(1, arguments.length))
                        .withThreads(Integer.getInteger("threads", MountOptions.DEFAULT.threads()));
        Transport transport =
                options.transport() == MountOptions.TransportChoice.JNR
                        ? new JnrTransport()
                        : new NativeTransport();
        try (Mount mount = transport.mount(fileSystem(), Path.of(arguments[0]), options)) {
            Runtime.getRuntime().addShutdownHook(new Thread(mount::close));
            mount.awaitServing(Duration.ofSeconds(10));
            IO.println("mounted " + mount.mountpoint());
            mount.awaitUnmounted();
        }
        IO.println("unmounted");
    }

    private static MemoryFileSystem fileSystem() {
        String backing = System.getProperty("backing");
        return backing == null
                ? new MemoryFileSystem(CAPACITY_BYTES)
                : new MemoryFileSystem(
                        CAPACITY_BYTES, inode -> FileStorage.in(Path.of(backing), inode));
    }
}

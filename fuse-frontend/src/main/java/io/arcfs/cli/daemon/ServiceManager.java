package io.arcfs.cli.daemon;

import io.arcfs.fuse.HandOver;
import io.arcfs.fuse.abi.Descriptors;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that started this process, if one did: it is told how things stand, and keeps
 * a mount over a restart in its descriptor store. The hand-over is that of {@link TakeOver}; the
 * store holds the descriptor of /dev/fuse and a file without a name that holds the state.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://systemd.io/FILE_DESCRIPTOR_STORE/">The descriptor store</a>
 */
public final class ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    private static final String DEVICE = "arcfs-fuse";
    private static final String STATE = "arcfs-state";
    private static final int FIRST_DESCRIPTOR = 3;

    private final @Nullable String socket;
    private final boolean stores;

    /** What was in the store when this process was started. */
    private final @Nullable Stored stored;

    private record Stored(int device, int state) {}

    private ServiceManager(@Nullable String socket, boolean stores, @Nullable Stored stored) {
        this.socket = socket;
        this.stores = stores;
        this.stored = stored;
    }

    /**
     * @param environment of this process: NOTIFY_SOCKET, FDSTORE, LISTEN_PID, LISTEN_FDS and
     *     LISTEN_FDNAMES count
     * @param pid of this process
     */
    public static ServiceManager of(Map<String, String> environment, long pid) {
        String socket = environment.get("NOTIFY_SOCKET");
        boolean reachable = socket != null && socket.startsWith("/");
        int room = number(environment.get("FDSTORE"));
        boolean forUs = Long.toString(pid).equals(environment.get("LISTEN_PID"));
        return new ServiceManager(
                reachable ? socket : null,
                reachable && room >= 2,
                forUs ? stored(environment) : null);
    }

    private static @Nullable Stored stored(Map<String, String> environment) {
        int count = number(environment.get("LISTEN_FDS"));
        String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
        int device = -1;
        int state = -1;
        for (int i = 0; i < Math.min(count, names.length); i++) {
            if (names[i].equals(DEVICE)) {
                device = FIRST_DESCRIPTOR + i;
            } else if (names[i].equals(STATE)) {
                state = FIRST_DESCRIPTOR + i;
            }
        }
        return device >= 0 && state >= 0 ? new Stored(device, state) : null;
    }

    private static int number(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    }

    /** Whether a predecessor left its mount in the store. */
    public boolean hasMount() {
        return stored != null;
    }

    /** Whether a mount can be left there. */
    boolean stores() {
        return stores;
    }

    /**
     * Takes the mount out of the store: kept there, it would outlive a server that dies, and who
     * uses it would wait for ever.
     */
    Optional<HandOver> take() throws IOException {
        Stored there = stored;
        if (there == null) {
            return Optional.empty();
        }
        try {
            // By a descriptor of its own: the position of this one is where the writer stopped.
            byte[] state = Files.readAllBytes(Path.of("/proc/self/fd/" + there.state()));
            return Optional.of(new HandOver(there.device(), state));
        } finally {
            Descriptors.close(there.state());
            tell("FDSTOREREMOVE=1\nFDNAME=" + DEVICE, -1);
            tell("FDSTOREREMOVE=1\nFDNAME=" + STATE, -1);
        }
    }

    /** The mount that is in the store is not there any more: its descriptors go. */
    public void dismiss() throws IOException {
        take().ifPresent(handOver -> Descriptors.close(handOver.descriptor()));
    }

    /** Leaves a mount in the store for the next process of this service. */
    void put(HandOver handOver, Path directory) throws IOException {
        String manager = socket;
        if (manager == null) {
            throw new IOException("no service manager was named");
        }
        Path path = Files.createTempFile(directory, "handover", ".state");
        try (PosixFile file = PosixFile.open(path, OpenFlag.READ, OpenFlag.WRITE)) {
            Files.delete(path);
            file.write(0, MemorySegment.ofArray(handOver.state()));
            Descriptors.tell(manager, "FDSTORE=1\nFDNAME=" + STATE, file.descriptor());
            Descriptors.tell(manager, "FDSTORE=1\nFDNAME=" + DEVICE, handOver.descriptor());
        }
    }

    /** The service is up, in this process. */
    void ready(String status) {
        tell("READY=1\nMAINPID=" + ProcessHandle.current().pid() + "\nSTATUS=" + status, -1);
    }

    void stopping() {
        tell("STOPPING=1\nSTATUS=stopping", -1);
    }

    /** Whether it is heard is the manager's affair. */
    private void tell(String text, int descriptor) {
        String manager = socket;
        if (manager != null) {
            try {
                Descriptors.tell(manager, text, descriptor);
            } catch (PosixException e) {
                LOG.warn("the service manager was not told reason={}", e.getMessage());
            }
        }
    }
}

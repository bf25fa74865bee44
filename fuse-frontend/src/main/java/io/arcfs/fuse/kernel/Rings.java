package io.arcfs.fuse.kernel;

import io.arcfs.posix.PosixException;
import io.arcfs.uring.IoUring;
import io.arcfs.uring.RingSetup;
import io.arcfs.uring.SetupFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ring for every CPU, opened before FUSE_INIT is answered: a kernel that was told of io_uring
 * holds every request back until all queues are registered.
 *
 * @param open one for each CPU, not enabled yet; or none
 * @param offBecause why there are none
 */
record Rings(List<IoUring> open, @Nullable String offBecause) {
    private static final Logger LOG = LoggerFactory.getLogger(Rings.class);

    static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

    /** The kernel wants a queue for each CPU that may ever be there, each a thread and a buffer. */
    private static final int MAX_CPUS = 64;

    private static final Pattern FROM_ZERO = Pattern.compile("0(?:-(\\d+))?");

    /** A reader has two requests in flight at most. */
    private static final RingSetup SETUP =
            RingSetup.entries(2)
                    .with(
                            SetupFlag.R_DISABLED,
                            SetupFlag.SQE128,
                            SetupFlag.SINGLE_ISSUER,
                            SetupFlag.DEFER_TASKRUN);

    static Rings none(String offBecause) {
        return new Rings(List.of(), offBecause);
    }

    /** As many as the kernel has queues; none, with the reason, where that does not work. */
    static Rings forEveryCpu() {
        List<IoUring> rings = new ArrayList<>();
        try {
            if (!isOffered()) {
                return none("the kernel has it switched off: " + PARAMETER);
            }
            Matcher cpus = FROM_ZERO.matcher(Files.readString(POSSIBLE).strip());
            int count = cpus.matches() ? 1 + last(cpus) : Integer.MAX_VALUE;
            if (count > MAX_CPUS) {
                return none("only for up to " + MAX_CPUS + " possible CPUs, numbered from 0");
            }
            while (rings.size() < count) {
                rings.add(openOne());
            }
            return new Rings(rings, null);
        } catch (IOException e) {
            close(rings);
            return none(e.toString());
        }
    }

    private static int last(Matcher cpus) {
        return cpus.group(1) == null ? 0 : Integer.parseInt(cpus.group(1));
    }

    /** Whether the administrator lets FUSE servers use io_uring at all. */
    private static boolean isOffered() throws IOException {
        return Files.exists(PARAMETER) && Files.readString(PARAMETER).startsWith("Y");
    }

    static IoUring openOne() throws PosixException {
        return IoUring.open(SETUP);
    }

    static void close(List<IoUring> rings) {
        for (IoUring ring : rings) {
            try {
                ring.close();
            } catch (PosixException e) {
                LOG.debug("ring not closed: {}", e.getMessage());
            }
        }
    }
}

package io.arcfs.fuse;

import io.arcfs.fuse.abi.Umount;
import io.arcfs.posix.Errno;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends one mount: as root by umount2, as a user through fusermount3. Touches only the mount it was
 * made for, known by its device number, never another that came to the same directory. Thread-safe.
 */
public final class Unmounter {
    private static final Logger LOG = LoggerFactory.getLogger(Unmounter.class);

    /** A closed file leaves a mount a moment after close returned: busy is asked again. */
    private static final Duration BUSY_PATIENCE = Duration.ofSeconds(1);

    private static final Duration BUSY_POLL = Duration.ofMillis(25);
    private static final Duration PROGRAM_LIMIT = Duration.ofSeconds(30);

    /** A detached mount ends when its users do; the session cannot be freed before. */
    private static final Duration DETACHED_PATIENCE = Duration.ofSeconds(2);

    /** How long requests that were running when the mount was taken off may take. */
    private static final Duration END_LIMIT = Duration.ofMinutes(1);

    /** EBUSY as fusermount3 prints it in the C locale, which is set for it. */
    private static final String BUSY_TEXT = "Device or resource busy";

    /** fusectl: one directory for each connection, owned by who mounted. */
    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");

    private final Path mountpoint;
    private final String device;

    /**
     * @param device {@code major:minor} as {@link MountTable} shows it
     */
    public Unmounter(Path mountpoint, String device) {
        this.mountpoint = mountpoint;
        this.device = device;
    }

    /** Unmounts and waits for {@code ended}, which the session counts down when all is over. */
    public void unmount(CountDownLatch ended) throws MountException {
        try {
            long deadline = System.nanoTime() + BUSY_PATIENCE.toNanos();
            while (ended.getCount() != 0 && isOnTop()) {
                Optional<String> refusal = attempt();
                if (refusal.isEmpty()) {
                    break;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new MountException("cannot unmount " + mountpoint + ": " + refusal.get());
                }
                Thread.sleep(BUSY_POLL);
            }
            awaitEnd(ended);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MountException("unmounting " + mountpoint + " was interrupted", e);
        }
    }

    private void awaitEnd(CountDownLatch ended) throws MountException, InterruptedException {
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        while (!ended.await(DETACHED_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            if (MountTable.now().shows(device)) {
                throw new MountException(
                        "cannot end the mount of "
                                + mountpoint
                                + ": it also shows at another directory; unmount that");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new MountException(
                        "the mount of "
                                + mountpoint
                                + " is off its directory but does not end: a request is still"
                                + " running, or another mount namespace holds it");
            }
            LOG.info("unmount waits for running requests mountpoint={}", mountpoint);
        }
    }

    /** Cleanly if possible; else detaches and leaves the session to end with its last user. */
    public void close(CountDownLatch ended) {
        try {
            unmount(ended);
        } catch (MountException busy) {
            LOG.warn("detaching a busy mount reason={}", busy.getMessage());
            detach();
            awaitDetached(ended);
        }
    }

    private void detach() {
        try {
            while (isOnTop()) {
                Optional<String> refusal = detachOnce();
                if (refusal.isPresent()) {
                    LOG.error("cannot detach mountpoint={} reason={}", mountpoint, refusal.get());
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<String> detachOnce() throws InterruptedException {
        if (Posix.getuid() != 0) {
            abortThroughControl();
            return fusermount("-u", "-z");
        }
        Umount.abort(mountpoint);
        return isOnTop() ? Umount.detach(mountpoint).map(Errno::description) : Optional.empty();
    }

    /**
     * A user may cut the connection of a mount of his own where the kernel's control files are
     * mounted; elsewhere it ends with its last user, or with this process.
     */
    private void abortThroughControl() {
        String minor = device.substring(device.indexOf(':') + 1);
        Path abort = CONNECTIONS.resolve(minor).resolve("abort");
        try {
            if (!minor.isEmpty() && Files.isWritable(abort)) {
                Files.writeString(abort, "1");
            }
        } catch (IOException e) {
            LOG.warn("cannot abort connection={} reason={}", minor, e.getMessage());
        }
    }

    private void awaitDetached(CountDownLatch ended) {
        try {
            if (!ended.await(DETACHED_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("a detached mount is still in use mountpoint={}", mountpoint);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isOnTop() {
        return MountTable.now()
                .at(mountpoint)
                .filter(entry -> entry.device().equals(device))
                .isPresent();
    }

    /** One try; why not, and what to do, if it was refused. */
    private Optional<String> attempt() throws InterruptedException {
        if (Posix.getuid() == 0) {
            return Umount.unmount(mountpoint)
                    .map(errno -> errno == Errno.EBUSY ? busy() : errno.description());
        }
        return fusermount("-u").map(said -> said.endsWith(BUSY_TEXT) ? busy() : said);
    }

    private String busy() {
        return "it is busy, " + MountUsers.describe(mountpoint) + "; end that and try again";
    }

    private Optional<String> fusermount(String... options) throws InterruptedException {
        Optional<Path> program = Programs.find("fusermount3").or(() -> Programs.find("fusermount"));
        if (program.isEmpty()) {
            return Optional.of("fusermount3 is missing; install the package fuse3");
        }
        var command = new ArrayList<String>();
        command.add(program.get().toString());
        command.addAll(List.of(options));
        command.add("--");
        command.add(mountpoint.toString());
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PROGRAM_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.of("fusermount3 does not end");
            }
            return process.exitValue() == 0
                    ? Optional.empty()
                    : Optional.of(said.strip().replace('\n', ' '));
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}

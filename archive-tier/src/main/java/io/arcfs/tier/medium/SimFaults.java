package io.arcfs.tier.medium;

import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What is wrong with a simulated medium: read from a file {@code faults} on it before every
 * operation, one fault per line, so that any process can break and mend it.
 *
 * <pre>
 * error read | error write      the operation fails
 * short write                   half of every write is lost, unnoticed
 * flip OFFSET                   one bit at this offset of every container reads wrong
 * vanish                        the medium is not there
 * slow MILLIS                   every operation takes that much longer
 * full                          no space for a new container
 * </pre>
 *
 * Immutable once read.
 */
record SimFaults(List<String> lines) {
    static final String FILE = "faults";

    static SimFaults on(Path directory) throws IOException {
        try {
            return new SimFaults(Files.readAllLines(directory.resolve(FILE)));
        } catch (NoSuchFileException e) {
            return new SimFaults(List.of()); // a healthy medium
        }
    }

    void beforeReading(MediumClock clock) throws IOException {
        beforeAnything(clock);
        failIf("error read");
    }

    void beforeWriting(MediumClock clock) throws IOException {
        beforeAnything(clock);
        failIf("error write");
    }

    void failIfFull() throws IOException {
        if (lines.contains("full")) {
            throw new PosixException("write", Errno.ENOSPC, "simulated medium");
        }
    }

    void beforeAnything(MediumClock clock) throws IOException {
        failIf("vanish");
        for (String line : lines) {
            if (line.startsWith("slow ")) {
                clock.pass(Duration.ofMillis(number(line)));
            }
        }
    }

    private void failIf(String fault) throws IOException {
        if (lines.contains(fault)) {
            throw new IOException("injected: " + fault);
        }
    }

    /** What of a write gets to the medium. */
    MemorySegment written(MemorySegment source) {
        return lines.contains("short write") ? source.asSlice(0, source.byteSize() / 2) : source;
    }

    /** Makes wrong what is to be wrong of bytes read. */
    void afterReading(long offsetInContainer, MemorySegment target) throws IOException {
        for (String line : lines) {
            if (line.startsWith("flip ")) {
                long at = number(line) - offsetInContainer;
                if (at >= 0 && at < target.byteSize()) {
                    byte wrong = (byte) (target.get(ValueLayout.JAVA_BYTE, at) ^ 4);
                    target.set(ValueLayout.JAVA_BYTE, at, wrong);
                }
            }
        }
    }

    private static long number(String line) throws IOException {
        try {
            return Long.parseLong(line.substring(line.indexOf(' ') + 1).trim());
        } catch (NumberFormatException e) {
            throw new IOException("faults of the simulated medium: \"" + line + "\"", e);
        }
    }
}

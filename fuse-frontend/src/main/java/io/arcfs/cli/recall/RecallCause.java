package io.arcfs.cli.recall;

/**
 * A program and the file that it had recalled, or tried to. Immutable.
 *
 * @param path from the volume's root
 * @param bytes that its reads found missing
 * @param recalls reads that waited for a medium
 * @param refused reads that got an error instead
 * @param firstMillis since the epoch
 * @param lastMillis since the epoch
 */
public record RecallCause(
        int pid,
        String command,
        String path,
        long bytes,
        long recalls,
        long refused,
        long firstMillis,
        long lastMillis) {
    RecallCause again(long moreBytes, boolean wasRefused, long nowMillis) {
        return new RecallCause(
                pid,
                command,
                path,
                bytes + (wasRefused ? 0 : moreBytes),
                recalls + (wasRefused ? 0 : 1),
                refused + (wasRefused ? 1 : 0),
                firstMillis,
                nowMillis);
    }
}

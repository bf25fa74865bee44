package io.arcfs.cli.control;

import java.nio.file.Path;
import java.util.List;

/** What can be asked of an open volume. Immutable. */
public sealed interface ControlRequest {
    /** The figures of {@code arc status}. */
    record Status() implements ControlRequest {}

    /** Seal, build, activate. */
    record Archive() implements ControlRequest {}

    /**
     * @param all everything into one image, not only what the policy would merge
     */
    record Merge(boolean all) implements ControlRequest {}

    /** Close the open container and wait for the media. */
    record Flush() implements ControlRequest {}

    /**
     * Drop SSD copies.
     *
     * @param paths from the volume's root; none: everything
     */
    record Evict(List<byte[]> paths) implements ControlRequest {}

    /**
     * Bring to the SSD.
     *
     * @param paths from the volume's root
     */
    record Recall(List<byte[]> paths) implements ControlRequest {}

    /**
     * Bring to the SSD and keep there, or let go.
     *
     * @param paths from the volume's root
     */
    record Pin(List<byte[]> paths, boolean keep) implements ControlRequest {}

    /**
     * Read and check what is on the media.
     *
     * @param paths from the volume's root; none: everything
     * @param mostSeconds stop after that time; 0: never
     */
    record Verify(List<byte[]> paths, boolean repair, long mostSeconds) implements ControlRequest {}

    /**
     * Rewrite containers with few live bytes.
     *
     * @param belowPercent of their used bytes that live
     * @param dryRun only say what it would cost
     */
    record Gc(int belowPercent, boolean dryRun) implements ControlRequest {}

    /**
     * Change the pool of cold media.
     *
     * @param change "add", "retire" or "replace"
     * @param specs the medium; of replace the old and the new one
     */
    record Media(String change, List<String> specs) implements ControlRequest {}

    /**
     * Where the bytes of files are and what a recall would cost.
     *
     * @param paths from the volume's root
     */
    record Explain(List<byte[]> paths) implements ControlRequest {}

    /**
     * The whole device as a sparse file.
     *
     * @param file absolute
     */
    record Dump(Path file) implements ControlRequest {}

    /**
     * Give the mount, still mounted, to a successor and end.
     *
     * @param socket where the successor listens for it
     */
    record HandOver(Path socket) implements ControlRequest {}

    /** Unmount cleanly and end. */
    record Unmount() implements ControlRequest {}
}

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

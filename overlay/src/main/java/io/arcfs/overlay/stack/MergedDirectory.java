package io.arcfs.overlay.stack;

import java.util.List;

/**
 * A directory of the merged view: the directories of single layers that make it up, newest first.
 * Immutable; valid for the stack it was resolved in.
 */
public record MergedDirectory(List<Part> parts) {
    public static final MergedDirectory EMPTY = new MergedDirectory(List.of());

    /**
     * One layer's share.
     *
     * @param depth position of the layer in the stack, 0 for the newest
     */
    public record Part(int depth, Layer layer, long ref) {}

    public boolean isEmpty() {
        return parts.isEmpty();
    }
}

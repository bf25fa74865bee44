package io.arcfs.erofs.merge;

/**
 * A directory of the merged view: the directories it is made of, newest first, each in another
 * layer. Confined to one thread.
 */
final class MergedDirectory {
    private static final int UNKNOWN = -1;

    /** Layer and nid of each part, as {@link Layers#part} packs them. */
    final long[] parts;

    final Origin origin;

    /** Index of the first of its subdirectories, which follow in the order of their names. */
    int firstSubdirectory = UNKNOWN;

    MergedDirectory(long[] parts, Origin origin) {
        this.parts = parts;
        this.origin = origin;
    }

    boolean isListed() {
        return firstSubdirectory != UNKNOWN;
    }
}

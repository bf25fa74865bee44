package io.arcfs.erofs.merge;

/**
 * A directory of the merged view: the directories it is made of, newest first, each in another
 * layer. Confined to one thread.
 */
final class MergedDirectory {
    /** Layer and nid of each part, as {@link Layers#part} packs them. */
    final long[] parts;

    final Origin origin;

    MergedDirectory(long[] parts, Origin origin) {
        this.parts = parts;
        this.origin = origin;
    }
}

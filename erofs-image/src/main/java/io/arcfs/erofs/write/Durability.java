package io.arcfs.erofs.write;

/** Whether what was written survives a power loss when the writer returns. */
public enum Durability {
    /** Forced to the medium: for images that something will name. */
    FORCED,
    /** Left to the kernel, as other makers of images do. */
    CACHED
}

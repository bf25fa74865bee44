package io.arcfs.tier.ssd;

/** The unit of checksums, the geometry's block: 4096 bytes. */
public final class Page {
    public static final int BYTES = 4096;

    private Page() {}

    static long roundUp(long bytes) {
        return (bytes + BYTES - 1) / BYTES * BYTES;
    }
}

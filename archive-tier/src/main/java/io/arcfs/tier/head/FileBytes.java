package io.arcfs.tier.head;

import java.io.IOException;

/** The bytes of a file that is being archived. */
public interface FileBytes {
    long size();

    /** Fills the target with bytes of the file, all of which are below its size. */
    void read(long offset, byte[] target) throws IOException;

    /** As many of these bytes as the file has. */
    default byte[] bytes(long offset, int most) throws IOException {
        byte[] bytes = new byte[Math.clamp(size() - offset, 0, most)];
        if (bytes.length > 0) {
            read(offset, bytes);
        }
        return bytes;
    }
}

package io.arcfs.erofs;

import java.io.IOException;

/** Takes the names of a directory. */
@FunctionalInterface
public interface DirentSink {
    /**
     * @param fileType type as the dirent says: 1 regular, 2 directory, 3 character device, 4 block
     *     device, 5 FIFO, 6 socket, 7 symlink, 0 unknown
     */
    void dirent(byte[] name, long nid, int fileType) throws IOException;
}

package io.arcfs.erofs.extract;

import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import java.io.IOException;
import java.util.List;

/**
 * Takes a tree, directory by directory: what is handed over belongs into the directory that was
 * entered last and not left. Names are single components, never "." or "..", so that a sink that
 * opens each directory below its parent without following symlinks cannot be led out of its root.
 */
public interface TreeSink {
    /** A directory; the first has the empty name and is the root of what is made. */
    void enterDirectory(byte[] name, Inode directory) throws IOException;

    /**
     * The end of the directory entered last. Its attributes, times above all, are to be set here:
     * what was made in it changed them.
     */
    void leaveDirectory(Inode directory, List<Xattr> xattrs) throws IOException;

    /** A regular file with its bytes; attributes and times go last. */
    void regularFile(byte[] name, Inode file, List<Xattr> xattrs, FileContent content)
            throws IOException;

    void symlink(byte[] name, Inode link, List<Xattr> xattrs, byte[] target) throws IOException;

    /** A FIFO, a socket or a device. */
    void special(byte[] name, Inode node, List<Xattr> xattrs) throws IOException;

    /**
     * One more name of something already handed over.
     *
     * @param firstPath names from the root to the first name of it
     */
    void hardLink(byte[] name, List<byte[]> firstPath) throws IOException;

    /**
     * Something that cannot be read from the image; the rest goes on.
     *
     * @param path names from the root
     */
    void unreadable(List<byte[]> path, IOException reason) throws IOException;
}

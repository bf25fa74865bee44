package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.Xattr;
import java.io.IOException;
import java.util.List;

/**
 * A tree of inodes for {@link ImageWriter}. Inodes are named by keys of the source's choice; a key
 * that stands under several names is one inode with hard links.
 *
 * <p>The writer walks the tree once, directory by directory, breadth first, and asks for every
 * inode's attributes once, in the order in which the inodes will stand in the image. What it asks
 * for more than once, xattrs, targets and data, has to be the same each time.
 */
public interface TreeSource {
    /** Key of the root directory. */
    long rootKey();

    /**
     * Calls {@code sink} once per name in the directory, in any order, without "." and "..". Asked
     * once per directory.
     */
    void children(long directoryKey, ChildSink sink) throws IOException;

    /** Asked once per inode. */
    InodeAttributes attributes(long key) throws IOException;

    /**
     * Extended attributes in any order; whiteout marks and origins of overlay layers are among
     * them.
     */
    List<Xattr> xattrs(long key) throws IOException;

    /** Target of a symlink: 1 to 4095 bytes without NUL. */
    byte[] symlinkTarget(long key) throws IOException;

    /** Where the data of a non-empty regular file lies. */
    ChunkList chunks(long key) throws IOException;

    /**
     * Where the bytes of a non-empty regular file are to be; asked only when the whole tree was
     * walked.
     */
    default FileData data(long key) throws IOException {
        return new FileData.Chunks(chunks(key));
    }

    /** Takes the names of a directory. */
    @FunctionalInterface
    interface ChildSink {
        void child(byte[] name, long key) throws IOException;
    }
}

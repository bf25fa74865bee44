package io.arcfs.overlay.stack;

import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.Origin;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One layer of the stack: finds a name in one of its directories, lists a directory, describes an
 * inode. Knows nothing of other layers. Inodes are named by references of the layer's own.
 *
 * <p>Thread-safe.
 */
public interface Layer {
    /** Number of the oldest layer in it. */
    int first();

    /** Number of the newest layer in it. */
    int last();

    long rootRef();

    /** What the directory says of the name, or null if it says nothing. */
    @Nullable Entry find(long directoryRef, byte[] name) throws IOException;

    void list(long directoryRef, EntryVisitor visitor) throws IOException;

    /** Volume-wide number of the inode. */
    long inodeNumber(long ref) throws IOException;

    /** Attributes, xattrs, symlink target; for an image without the data runs. */
    InodeRecord inode(long ref) throws IOException;

    Origin origin(long directoryRef) throws IOException;

    /** Archived bytes of a regular file, in ascending file order. */
    List<InodeRecord.Run> runs(long ref) throws IOException;

    /**
     * A name in a layer's directory.
     *
     * @param ref the inode's reference, meaningless for a whiteout
     * @param type type bits of its mode, 0 for a whiteout
     */
    record Entry(long ref, int type) {
        public static final Entry WHITEOUT = new Entry(-1, 0);

        public boolean isWhiteout() {
            return type == 0;
        }
    }

    /** Takes names of a directory. */
    @FunctionalInterface
    interface EntryVisitor {
        void entry(byte[] name, Entry entry) throws IOException;
    }
}

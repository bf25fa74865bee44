package io.arcfs.erofs;

import io.arcfs.erofs.layout.DirentLayout;
import java.util.Arrays;

/**
 * Walks the names of a directory in their order, "." and ".." left out. Refuses names that could
 * not be looked up or would lead out of the tree: out of order, twice, empty, with '/' or NUL.
 * Confined to one thread.
 */
public final class DirectoryCursor {
    private static final byte[] NONE = new byte[0];

    private final ImageBytes image;
    private final Directory directory;
    private final long inode;
    private final long blocks;

    private long blockIndex = -1;
    private long block;
    private int length;
    private int count;
    private int dirent;

    private byte[] name = NONE;
    private long nid;
    private int fileType;

    DirectoryCursor(ImageBytes image, Directory directory, long inode) {
        this.image = image;
        this.directory = directory;
        this.inode = inode;
        this.blocks = directory.blockCount(inode);
    }

    /** Steps to the next name; false behind the last. */
    public boolean next() throws CorruptImageException {
        do {
            if (!nextDirent()) {
                return false;
            }
        } while (isDot(name));
        return true;
    }

    /** The current name; a fresh array. */
    public byte[] name() {
        return name;
    }

    public long nid() {
        return nid;
    }

    /** Type as the dirent says, see {@link DirentSink}. */
    public int fileType() {
        return fileType;
    }

    /** Where the current dirent stands in the image. */
    public long direntOffset() {
        return block + (long) dirent * DirentLayout.SIZE;
    }

    /** As {@link #next()}, with "." and "..". */
    public boolean nextDirent() throws CorruptImageException {
        try {
            return image.settled(step());
        } catch (InternalError e) {
            throw image.vanished(e);
        }
    }

    private boolean step() throws CorruptImageException {
        dirent++;
        if (blockIndex < 0 || dirent >= count) {
            if (blockIndex + 1 >= blocks) {
                return false;
            }
            // Only what was read is behind: a cursor that failed fails again.
            long nextBlock = directory.blockAddress(inode, blockIndex + 1);
            int nextLength = directory.blockLength(inode, blockIndex + 1);
            count = directory.direntCount(nextBlock, nextLength);
            block = nextBlock;
            length = nextLength;
            blockIndex++;
            dirent = 0;
        }
        byte[] previous = name;
        int nameLength = directory.nameLength(block, length, count, dirent);
        name = image.copy(block + directory.nameOffset(block, dirent), nameLength);
        nid = directory.nid(block, dirent);
        fileType = directory.fileType(block, dirent);
        checkName(previous);
        return true;
    }

    private void checkName(byte[] previous) throws CorruptImageException {
        for (byte b : name) {
            if (b == '/' || b == 0) {
                throw image.corrupt(direntOffset(), "a name with " + (b == 0 ? "NUL" : "'/'"));
            }
        }
        if (Arrays.compareUnsigned(previous, name) >= 0) {
            throw image.corrupt(direntOffset(), "names out of order in a directory");
        }
        if (fileType > DirentLayout.TYPE_SYMLINK) {
            throw image.corrupt(direntOffset(), "file type " + fileType + " in a dirent");
        }
    }

    static boolean isDot(byte[] name) {
        return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }
}

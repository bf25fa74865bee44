package io.arcfs.erofs;

/** How an inode's data is found; the position in this list is the number on disk. */
public enum DataLayout {
    /** Whole blocks in a row, or one hole. */
    FLAT_PLAIN,
    /** Compressed; not read here. */
    COMPRESSED_FULL,
    /** Whole blocks in a row, the last bytes behind the inode. */
    FLAT_INLINE,
    /** Compressed; not read here. */
    COMPRESSED_COMPACT,
    /** A list of chunks, each anywhere on any device, or a hole. */
    CHUNK_BASED;

    private static final DataLayout[] BY_NUMBER = values();

    public boolean isCompressed() {
        return this == COMPRESSED_FULL || this == COMPRESSED_COMPACT;
    }

    static boolean isDefined(int number) {
        return number < BY_NUMBER.length;
    }

    static DataLayout ofNumber(int number) {
        return BY_NUMBER[number];
    }
}

package io.arcfs.overlay;

import org.jspecify.annotations.Nullable;

/**
 * An open directory. The listing is taken when reading starts at cookie 0 and stays as it was then:
 * cookies survive concurrent changes. Thread-safe.
 */
public interface OpenDirectory {
    long inode();

    /**
     * Lists entries behind {@code cookie} (0: from the start, a fresh listing), "." and ".." first,
     * until the sink is full or the directory ends.
     */
    void read(long cookie, EntrySink sink) throws FsException;

    /**
     * Looks a name of the listing up, as {@link FileSystem#lookup} does, and takes a reference as
     * it does; cheaper, because where it leads is known from the listing as long as no name in the
     * directory changes.
     *
     * @param cookie the entry's {@code nextCookie}
     * @return null if the name is not there any more
     */
    @Nullable Attributes lookup(byte[] name, long cookie) throws FsException;

    void fsync() throws FsException;

    void release();

    /** Takes directory entries. */
    @FunctionalInterface
    interface EntrySink {
        /**
         * @param type type bits as in a mode (S_IFMT)
         * @param nextCookie where to go on behind this entry
         * @return false if the entry did not fit; it is asked for again later
         */
        boolean entry(byte[] name, long inode, int type, long nextCookie) throws FsException;
    }
}

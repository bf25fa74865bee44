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

        /**
         * The same from a directory that knows where the entry leads.
         *
         * @param listed valid during the call
         */
        default boolean entry(
                byte[] name, long inode, int type, long nextCookie, ListedEntry listed)
                throws FsException {
            return entry(name, inode, type, nextCookie);
        }
    }

    /** An entry of a listing. */
    interface ListedEntry {
        /**
         * Looks the entry up, as {@link FileSystem#lookup} does, and takes a reference as it does;
         * cheaper, because it was found already, as long as no name in the directory changes.
         *
         * @return null if the name is not there any more
         */
        @Nullable Attributes lookup() throws FsException;
    }
}

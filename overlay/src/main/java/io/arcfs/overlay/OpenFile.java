package io.arcfs.overlay;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * An open regular file. Stays usable when its last name goes, and through seal, build, activate and
 * merge. Thread-safe.
 */
public interface OpenFile {
    long inode();

    Attributes attributes() throws FsException;

    /**
     * Reads up to the target's size; fewer bytes only at the end of the file. Returns the number of
     * bytes read.
     */
    int read(long offsetBytes, MemorySegment target) throws FsException;

    /**
     * Writes at {@code offsetBytes}, which must be at or behind the written end. All of {@code
     * source} or an exception.
     */
    void write(long offsetBytes, MemorySegment source) throws FsException;

    /** Writes at the end, wherever that is by then. All of {@code source} or an exception. */
    void append(MemorySegment source) throws FsException;

    /**
     * The one file of the machine that holds exactly this file's bytes, if there is one: for a
     * kernel that reads it without asking. While it is held, everything that is appended goes
     * there, too, and emptying the file empties it.
     *
     * @return null if the bytes lie elsewhere, or in more than one place
     */
    @Nullable BackingFile backing() throws FsException;

    /** Grows by size only, or empties with 0; other sizes below the current one are refused. */
    void truncate(long sizeBytes) throws FsException;

    /** Posix fallocate: moves the size up unless {@code keepSize}. */
    void allocate(long offsetBytes, long lengthBytes, boolean keepSize) throws FsException;

    /**
     * First offset at or behind {@code offsetBytes} that holds data (or a hole); NO_DEVICE_ADDRESS
     * behind the end.
     */
    long seek(long offsetBytes, SeekTarget target) throws FsException;

    /** Reports what a close of one descriptor should report; changes nothing. */
    void flush() throws FsException;

    /** Makes the file's bytes, size and names durable. */
    void fsync() throws FsException;

    /** Gives the handle back. Idempotent. */
    void release();

    /** What {@link #seek} looks for. */
    enum SeekTarget {
        DATA,
        HOLE
    }
}

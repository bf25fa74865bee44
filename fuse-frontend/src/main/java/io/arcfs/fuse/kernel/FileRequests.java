package io.arcfs.fuse.kernel;

import io.arcfs.fuse.abi.OpenBits;
import io.arcfs.fuse.kernel.FileOpens.InodeOpens;
import io.arcfs.fuse.kernel.OpenModes.WritePlace;
import io.arcfs.overlay.FileSystem.Created;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenFile;
import io.arcfs.overlay.OpenFile.SeekTarget;
import io.arcfs.posix.Errno;
import java.lang.foreign.MemorySegment;

/**
 * The requests on open regular files. Reading and writing work in the reader's own buffer: no copy,
 * nothing allocated. Confined to its reader.
 */
final class FileRequests {
    private static final int PERMISSION_BITS = 07777;

    // struct fuse_open_in, fuse_create_in
    private static final int OPEN_FLAGS = 0;
    private static final int OPEN_EXTRA_FLAGS = 4;
    private static final int CREATE_MODE = 4;
    private static final int CREATE_UMASK = 8;
    private static final int CREATE_NAME = 16;
    private static final int OPEN_KILL_SUIDGID = 1;

    // FOPEN_*
    private static final int DIRECT_IO = 1;
    private static final int KEEP_CACHE = 1 << 1;
    private static final int NO_FLUSH = 1 << 5;
    private static final int PASSTHROUGH = 1 << 7;

    // struct fuse_read_in, fuse_write_in and others with a handle first
    private static final int HANDLE = 0;
    private static final int OFFSET = 8;
    private static final int SIZE = 16;
    private static final int WRITE_FLAGS = 20;
    private static final int OPEN_FLAGS_NOW = 32;
    private static final int WRITE_KILL_SUIDGID = 1 << 2;

    // struct fuse_lseek_in, fuse_fallocate_in, fuse_copy_file_range_in
    private static final int WHENCE = 16;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int ALLOCATE_LENGTH = 16;
    private static final int ALLOCATE_MODE = 24;
    private static final int ALLOCATE_KEEP_SIZE = 1;
    private static final int COPY_TARGET_HANDLE = 24;
    private static final int COPY_TARGET_OFFSET = 32;
    private static final int COPY_LENGTH = 40;

    /** One request copies so much at most, so that others get their turn; callers ask again. */
    private static final long COPY_LIMIT_BYTES = 16L << 20;

    private final Session session;
    private final Buffers buffers;
    private final Notifier notifier;

    FileRequests(Session session, Buffers buffers, Notifier notifier) {
        this.session = session;
        this.buffers = buffers;
        this.notifier = notifier;
    }

    void open(Request request, Reply reply) throws FsException {
        OpenMode mode = OpenBits.modeOf(request.intAt(OPEN_FLAGS));
        if (mode.write()) {
            openForWriting(request, mode, reply);
        } else {
            openForReading(request, mode, reply);
        }
    }

    private void openForReading(Request request, OpenMode mode, Reply reply) throws FsException {
        OpenFile file = session.fileSystem.open(request.inode(), mode);
        try {
            truncated(request, mode);
            opened(session.openModes.openedForReading(request.nodeId(), file), reply);
        } catch (FsException | RuntimeException e) {
            file.release();
            throw e;
        }
    }

    private void truncated(Request request, OpenMode mode) throws FsException {
        if (mode.truncate()) {
            boolean killBits = (request.intAt(OPEN_EXTRA_FLAGS) & OPEN_KILL_SUIDGID) != 0;
            session.privileges.resized(request.inode(), killBits);
            notifier.invalidateAll(session.openModes.othersOf(request.nodeId()));
        }
    }

    private void openForWriting(Request request, OpenMode mode, Reply reply) throws FsException {
        WritePlace place = session.openModes.placeForWriting(request.nodeId(), mode);
        if (place == null) {
            renew(request.nodeId());
            reply.error(Errno.ESTALE.code()); // the kernel looks it up again, and asks again
            return;
        }
        OpenFile file = null;
        try {
            file = session.fileSystem.open(request.inode(), mode);
            truncated(request, mode);
        } catch (FsException | RuntimeException e) {
            session.openModes.withdraw(place);
            if (file != null) {
                file.release();
            }
            throw e;
        }
        opened(session.openModes.openedForWriting(file, place), reply);
    }

    /** From now on the kernel knows the inode by another number. */
    private void renew(long nodeId) {
        session.nodeIds.retire(nodeId);
        notifier.invalidateAttributes(nodeId);
    }

    void create(Request request, Reply reply) throws FsException {
        OpenMode mode = OpenBits.modeOf(request.intAt(OPEN_FLAGS));
        made(
                session.fileSystem.create(
                        request.inode(),
                        request.nameAt(CREATE_NAME),
                        request.intAt(CREATE_MODE) & PERMISSION_BITS,
                        mode,
                        request.caller(request.intAt(CREATE_UMASK))),
                mode,
                reply);
    }

    void tmpfile(Request request, Reply reply) throws FsException {
        OpenMode mode = OpenBits.modeOf(request.intAt(OPEN_FLAGS));
        made(
                session.fileSystem.tmpfile(
                        request.inode(),
                        request.intAt(CREATE_MODE) & PERMISSION_BITS,
                        mode,
                        request.caller(request.intAt(CREATE_UMASK))),
                mode,
                reply);
    }

    /** Nobody else has an inode open that was just made, so nothing stands against writing it. */
    private void made(Created created, OpenMode mode, Reply reply) throws FsException {
        OpenFile file = created.file();
        long nodeId = session.nodeIds.current(file.inode());
        WritePlace place = mode.write() ? session.openModes.placeForWriting(nodeId, mode) : null;
        reply.entry(created.attributes());
        opened(
                place != null
                        ? session.openModes.openedForWriting(file, place)
                        : session.openModes.openedForReading(nodeId, file),
                reply);
    }

    private void opened(FileHandle handle, Reply reply) {
        int flags =
                switch (handle.ioMode()) {
                    // The cache is kept by every open: the kernel itself drops what a write or a
                    // truncation makes stale. But what came through another node id it does not
                    // know of, and while this one was closed nobody told it.
                    case CACHED ->
                            session.nodeIds.isAliased(handle.file().inode()) ? 0 : KEEP_CACHE;
                    case DIRECT -> DIRECT_IO | KEEP_CACHE;
                    // Direct I/O goes before passthrough.
                    case DIRECT_BACKED -> DIRECT_IO | PASSTHROUGH;
                    case PASSTHROUGH -> PASSTHROUGH;
                };
        int backingId = (flags & PASSTHROUGH) != 0 ? handle.opens().backingId() : 0;
        // A close has nothing to report: every write was answered when its bytes were with the
        // operating system.
        reply.open(session.files.add(handle), flags | NO_FLUSH, backingId);
    }

    void read(Request request, Reply reply) throws FsException {
        int size = request.intAt(SIZE);
        if (size < 0 || size > Buffers.PAYLOAD_BYTES) {
            throw new MalformedRequestException("a read of " + size + " bytes was not agreed on");
        }
        session.counts.read(size);
        OpenFile file = file(request);
        reply.payload(file.read(request.longAt(OFFSET), buffers.payload(size)));
    }

    void write(Request request, Reply reply) throws FsException {
        int size = request.intAt(SIZE);
        session.counts.written(size);
        FileHandle handle = handle(request.longAt(HANDLE));
        boolean killBits = (request.intAt(WRITE_FLAGS) & WRITE_KILL_SUIDGID) != 0;
        session.privileges.beforeWrite(handle, killBits);
        long offset = request.longAt(OFFSET);
        MemorySegment data = request.payload(size);
        handle.opens().file().beginWriting();
        boolean held = false;
        try {
            held = holdSize(handle);
            // the flags of this very write: fcntl may have changed O_APPEND since the open
            if (OpenBits.appends(request.intAt(OPEN_FLAGS_NOW))) {
                handle.file().append(data);
            } else {
                handle.file().write(offset, data);
            }
        } finally {
            endWriting(handle, held, offset, size);
        }
        reply.written(size);
    }

    /** Until {@link #endWriting} the kernel is told no new size, if it may have pages. */
    private boolean holdSize(FileHandle handle) throws FsException {
        if (!handle.opens().file().mayBeCached()) {
            return false;
        }
        session.unanswered.begin(handle.file().inode(), handle.file().attributes().size());
        return true;
    }

    /**
     * A reader may have cached the page that held the old end, zeros behind it, before the write or
     * while it was under way.
     */
    private void endWriting(FileHandle handle, boolean held, long offset, long length) {
        FileOpens file = handle.opens().file();
        boolean readThroughACache = held || file.mayBeCached();
        if (readThroughACache) {
            int ever = file.cachedEver();
            if (length > 0) {
                for (InodeOpens opens : file.inodes()) {
                    notifier.invalidate(opens.nodeId(), offset, length);
                }
            }
            file.forgot(ever);
        }
        file.endWriting();
        // Asked again: a reader that came in between may have held the size.
        if (readThroughACache || file.mayBeCached()) {
            session.unanswered.end(handle.file().inode());
        }
    }

    void release(Request request) {
        FileHandle handle = session.files.remove(request.longAt(HANDLE));
        if (handle != null) {
            session.release(handle);
        }
    }

    void flush(Request request) throws FsException {
        file(request).flush();
    }

    void fsync(Request request) throws FsException {
        file(request).fsync();
    }

    void lseek(Request request, Reply reply) throws FsException {
        SeekTarget target =
                switch (request.intAt(WHENCE)) {
                    case SEEK_DATA -> SeekTarget.DATA;
                    case SEEK_HOLE -> SeekTarget.HOLE;
                    default -> throw new FsException(Reason.INVALID, "lseek whence");
                };
        reply.number(file(request).seek(request.longAt(OFFSET), target));
    }

    void fallocate(Request request) throws FsException {
        int mode = request.intAt(ALLOCATE_MODE);
        if ((mode & ~ALLOCATE_KEEP_SIZE) != 0) {
            throw new FsException(
                    Reason.NOT_SUPPORTED,
                    "fallocate mode 0x" + Integer.toHexString(mode) + " would change stored bytes");
        }
        FileHandle handle = handle(request.longAt(HANDLE));
        session.privileges.beforeWrite(handle, false);
        handle.file()
                .allocate(
                        request.longAt(OFFSET),
                        request.longAt(ALLOCATE_LENGTH),
                        (mode & ALLOCATE_KEEP_SIZE) != 0);
    }

    /** Copies inside the daemon: the bytes never go through the calling program. */
    long copyRange(Request request) throws FsException {
        OpenFile source = file(request);
        FileHandle target = handle(request.longAt(COPY_TARGET_HANDLE));
        long from = request.longAt(OFFSET);
        long to = request.longAt(COPY_TARGET_OFFSET);
        long length = Math.min(request.longAt(COPY_LENGTH), COPY_LIMIT_BYTES);
        session.privileges.beforeWrite(target, false);
        long copied = 0;
        target.opens().file().beginWriting();
        boolean held = false;
        try {
            held = holdSize(target);
            while (copied < length) {
                int part = (int) Math.min(length - copied, Buffers.PAYLOAD_BYTES);
                int got = source.read(from + copied, buffers.payload(part));
                if (got == 0) {
                    break;
                }
                target.file().write(to + copied, buffers.payload(got));
                copied += got;
            }
        } catch (FsException e) {
            if (copied == 0) {
                throw e;
            }
            // What was copied stays and is said; the rest fails when it is asked for.
        } finally {
            endWriting(target, held, to, copied);
        }
        return copied;
    }

    private OpenFile file(Request request) throws FsException {
        return handle(request.longAt(HANDLE)).file();
    }

    private FileHandle handle(long number) throws FsException {
        FileHandle handle = session.files.get(number);
        if (handle == null) {
            throw new FsException(Reason.BAD_HANDLE, "no such open file");
        }
        return handle;
    }
}

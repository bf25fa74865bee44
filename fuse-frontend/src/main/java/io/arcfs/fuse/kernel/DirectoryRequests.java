package io.arcfs.fuse.kernel;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.OpenDirectory;

/** The requests on open directories. Confined to its reader. */
final class DirectoryRequests {
    // struct fuse_read_in, fuse_fsync_in, fuse_release_in
    private static final int HANDLE = 0;
    private static final int OFFSET = 8;
    private static final int SIZE = 16;

    /**
     * FOPEN_KEEP_CACHE and FOPEN_CACHE_DIR: the kernel keeps a listing until it changes the
     * directory itself; what a round or a merge does changes no listing.
     */
    private static final int CACHED = 1 << 1 | 1 << 3;

    private final Session session;
    private final DirectoryReply entries;

    DirectoryRequests(Session session, DirectoryReply entries) {
        this.session = session;
        this.entries = entries;
    }

    void open(Request request, Reply reply) throws FsException {
        OpenDirectory directory = session.fileSystem.openDirectory(request.inode());
        reply.open(session.directories.add(directory), CACHED, 0);
    }

    void read(Request request, Reply reply, boolean withAttributes) throws FsException {
        OpenDirectory directory = directory(request);
        long cookie = request.longAt(OFFSET);
        entries.begin(request.inode(), withAttributes, request.intAt(SIZE));
        try {
            directory.read(cookie, entries);
        } catch (FsException | RuntimeException e) {
            entries.takeBack();
            throw e;
        }
        reply.payload(entries.usedBytes());
    }

    void fsync(Request request) throws FsException {
        directory(request).fsync();
    }

    void release(Request request) {
        OpenDirectory directory = session.directories.remove(request.longAt(HANDLE));
        if (directory != null) {
            directory.release();
        }
    }

    private OpenDirectory directory(Request request) throws FsException {
        OpenDirectory directory = session.directories.get(request.longAt(HANDLE));
        if (directory == null) {
            throw new FsException(Reason.BAD_HANDLE, "no such open directory");
        }
        return directory;
    }
}

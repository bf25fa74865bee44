package io.arcfs.fuse.kernel;

import io.arcfs.fuse.ErrnoMapping;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.Errno;

/**
 * Sends each request to who answers it, and turns every failure into an error number: nothing is
 * thrown from here. Confined to its reader.
 */
final class Dispatcher {
    // struct fuse_batch_forget_in and fuse_forget_one
    private static final int BATCH_FIRST = 8;
    private static final int BATCH_ONE_BYTES = 16;

    private static final int COPY_FILE_RANGE_MAX = Integer.MAX_VALUE;

    private final Session session;
    private final Reader reader;
    private final NameRequests names;
    private final AttributeRequests attributes;
    private final XattrRequests xattrs;
    private final FileRequests files;
    private final DirectoryRequests directories;
    private final DirectoryReply entries;

    Dispatcher(
            Session session,
            Reader reader,
            Buffers buffers,
            Negotiation agreed,
            Notifier notifier) {
        this.session = session;
        this.reader = reader;
        this.names = new NameRequests(session.fileSystem);
        this.attributes = new AttributeRequests(session, notifier);
        this.xattrs = new XattrRequests(session, agreed);
        this.files = new FileRequests(session, buffers, notifier);
        this.entries = new DirectoryReply(session, buffers);
        this.directories = new DirectoryRequests(session, entries);
    }

    /** Answers a request; false if it wants no reply. */
    boolean dispatch(Request request, Reply reply) {
        long started = session.times.started();
        int opcode = request.opcode();
        try {
            return serve(opcode, request, reply);
        } finally {
            session.times.finished(opcode, started);
        }
    }

    private boolean serve(int opcode, Request request, Reply reply) {
        long unique = request.unique();
        session.counts.count(opcode);
        reply.begin();
        try {
            switch (opcode) {
                case Opcode.FORGET -> {
                    session.fileSystem.forget(request.inode(), request.longAt(0));
                    return false;
                }
                case Opcode.BATCH_FORGET -> {
                    forgetAll(request);
                    return false;
                }
                case Opcode.INTERRUPT -> {
                    reader.interrupt(request.longAt(0));
                    return false;
                }
                default -> answer(opcode, request, reply);
            }
        } catch (FsException e) {
            reply.error(errnoOf(opcode, e).code());
        } catch (Throwable e) {
            session.failures.report(Opcode.name(opcode), e);
            if (!wantsReply(opcode)) {
                return false;
            }
            reply.error(Errno.EIO.code());
        }
        reply.end(unique);
        return true;
    }

    private static boolean wantsReply(int opcode) {
        return opcode != Opcode.FORGET
                && opcode != Opcode.BATCH_FORGET
                && opcode != Opcode.INTERRUPT;
    }

    private Errno errnoOf(int opcode, FsException e) {
        if (e.reason() == Reason.IO) {
            session.failures.report(Opcode.name(opcode), e);
        }
        return ErrnoMapping.errnoOf(e.reason());
    }

    private void answer(int opcode, Request request, Reply reply) throws FsException {
        switch (opcode) {
            case Opcode.READ -> files.read(request, reply);
            case Opcode.WRITE -> files.write(request, reply);
            case Opcode.LOOKUP -> names.lookup(request, reply);
            case Opcode.GETATTR -> attributes.getattr(request, reply);
            case Opcode.OPEN -> files.open(request, reply);
            case Opcode.RELEASE -> files.release(request);
            case Opcode.CREATE -> files.create(request, reply);
            case Opcode.READDIRPLUS -> directories.read(request, reply, true);
            case Opcode.READDIR -> directories.read(request, reply, false);
            case Opcode.OPENDIR -> directories.open(request, reply);
            case Opcode.RELEASEDIR -> directories.release(request);
            case Opcode.SETATTR -> attributes.setattr(request, reply);
            case Opcode.GETXATTR -> xattrs.get(request, reply);
            case Opcode.LISTXATTR -> xattrs.list(request, reply);
            case Opcode.SETXATTR -> xattrs.set(request);
            case Opcode.REMOVEXATTR -> xattrs.remove(request);
            case Opcode.UNLINK -> names.unlink(request);
            case Opcode.RMDIR -> names.rmdir(request);
            case Opcode.MKDIR -> names.mkdir(request, reply);
            case Opcode.MKNOD -> names.mknod(request, reply);
            case Opcode.SYMLINK -> names.symlink(request, reply);
            case Opcode.LINK -> names.link(request, reply);
            case Opcode.RENAME -> names.rename(request);
            case Opcode.RENAME2 -> names.rename2(request);
            case Opcode.READLINK -> names.readlink(request, reply);
            case Opcode.STATFS -> attributes.statfs(reply);
            case Opcode.STATX -> attributes.statx(request, reply);
            case Opcode.FLUSH -> files.flush(request);
            case Opcode.FSYNC -> files.fsync(request);
            case Opcode.FSYNCDIR -> directories.fsync(request);
            case Opcode.SYNCFS -> session.fileSystem.sync();
            case Opcode.LSEEK -> files.lseek(request, reply);
            case Opcode.FALLOCATE -> files.fallocate(request);
            case Opcode.COPY_FILE_RANGE ->
                    reply.written((int) Math.min(files.copyRange(request), COPY_FILE_RANGE_MAX));
            case Opcode.COPY_FILE_RANGE_64 -> reply.number(files.copyRange(request));
            case Opcode.TMPFILE -> files.tmpfile(request, reply);
            case Opcode.DESTROY -> {}
            default ->
                    // The kernel remembers it for the whole mount and does without.
                    reply.error(Errno.ENOSYS.code());
        }
    }

    private void forgetAll(Request request) {
        int count = request.intAt(0);
        for (int i = 0; i < count; i++) {
            int at = BATCH_FIRST + i * BATCH_ONE_BYTES;
            session.fileSystem.forget(request.inodeAt(at), request.longAt(at + Long.BYTES));
        }
    }

    /** The kernel did not take the reply: what it would have given back is given back here. */
    void takeBack(Request request, Reply reply) {
        if (reply.isError()) {
            return;
        }
        switch (request.opcode()) {
            case Opcode.LOOKUP, Opcode.MKDIR, Opcode.MKNOD, Opcode.SYMLINK, Opcode.LINK ->
                    forgetEntry(reply);
            case Opcode.CREATE, Opcode.TMPFILE -> {
                releaseFile(reply.longAt(Reply.ENTRY_BYTES));
                forgetEntry(reply);
            }
            case Opcode.OPEN -> releaseFile(reply.longAt(0));
            case Opcode.OPENDIR -> {
                var directory = session.directories.remove(reply.longAt(0));
                if (directory != null) {
                    directory.release();
                }
            }
            case Opcode.READDIRPLUS -> entries.takeBack();
            default -> {}
        }
    }

    private void forgetEntry(Reply reply) {
        long inode = NodeIds.inodeOf(reply.longAt(0));
        if (inode != 0) {
            session.fileSystem.forget(inode, 1);
        }
    }

    private void releaseFile(long number) {
        FileHandle handle = session.files.remove(number);
        if (handle != null) {
            session.release(handle);
        }
    }
}

package io.arcfs.fuse.kernel;

/** What the kernel asks for ({@code enum fuse_opcode}); plain numbers, because a switch is hot. */
final class Opcode {
    static final int LOOKUP = 1;
    static final int FORGET = 2;
    static final int GETATTR = 3;
    static final int SETATTR = 4;
    static final int READLINK = 5;
    static final int SYMLINK = 6;
    static final int MKNOD = 8;
    static final int MKDIR = 9;
    static final int UNLINK = 10;
    static final int RMDIR = 11;
    static final int RENAME = 12;
    static final int LINK = 13;
    static final int OPEN = 14;
    static final int READ = 15;
    static final int WRITE = 16;
    static final int STATFS = 17;
    static final int RELEASE = 18;
    static final int FSYNC = 20;
    static final int SETXATTR = 21;
    static final int GETXATTR = 22;
    static final int LISTXATTR = 23;
    static final int REMOVEXATTR = 24;
    static final int FLUSH = 25;
    static final int INIT = 26;
    static final int OPENDIR = 27;
    static final int READDIR = 28;
    static final int RELEASEDIR = 29;
    static final int FSYNCDIR = 30;
    static final int ACCESS = 34;
    static final int CREATE = 35;
    static final int INTERRUPT = 36;
    static final int DESTROY = 38;
    static final int BATCH_FORGET = 42;
    static final int FALLOCATE = 43;
    static final int READDIRPLUS = 44;
    static final int RENAME2 = 45;
    static final int LSEEK = 46;
    static final int COPY_FILE_RANGE = 47;
    static final int SYNCFS = 50;
    static final int TMPFILE = 51;
    static final int STATX = 52;
    static final int COPY_FILE_RANGE_64 = 53;

    /** Room for every opcode of today and some of tomorrow. */
    static final int LIMIT = 64;

    private static final String[] NAMES = new String[LIMIT];

    static {
        name(LOOKUP, "lookup");
        name(FORGET, "forget");
        name(GETATTR, "getattr");
        name(SETATTR, "setattr");
        name(READLINK, "readlink");
        name(SYMLINK, "symlink");
        name(MKNOD, "mknod");
        name(MKDIR, "mkdir");
        name(UNLINK, "unlink");
        name(RMDIR, "rmdir");
        name(RENAME, "rename");
        name(LINK, "link");
        name(OPEN, "open");
        name(READ, "read");
        name(WRITE, "write");
        name(STATFS, "statfs");
        name(RELEASE, "release");
        name(FSYNC, "fsync");
        name(SETXATTR, "setxattr");
        name(GETXATTR, "getxattr");
        name(LISTXATTR, "listxattr");
        name(REMOVEXATTR, "removexattr");
        name(FLUSH, "flush");
        name(INIT, "init");
        name(OPENDIR, "opendir");
        name(READDIR, "readdir");
        name(RELEASEDIR, "releasedir");
        name(FSYNCDIR, "fsyncdir");
        name(ACCESS, "access");
        name(CREATE, "create");
        name(INTERRUPT, "interrupt");
        name(DESTROY, "destroy");
        name(BATCH_FORGET, "batch_forget");
        name(FALLOCATE, "fallocate");
        name(READDIRPLUS, "readdirplus");
        name(RENAME2, "rename2");
        name(LSEEK, "lseek");
        name(COPY_FILE_RANGE, "copy_file_range");
        name(SYNCFS, "syncfs");
        name(TMPFILE, "tmpfile");
        name(STATX, "statx");
        name(COPY_FILE_RANGE_64, "copy_file_range_64");
    }

    private Opcode() {}

    private static void name(int opcode, String name) {
        NAMES[opcode] = name;
    }

    /** For logs and counters. */
    static String name(int opcode) {
        String name = opcode >= 0 && opcode < LIMIT ? NAMES[opcode] : null;
        return name == null ? "opcode " + opcode : name;
    }
}

package io.arcfs.it.kit;

import java.util.EnumSet;

/** What of an entry two trees are compared by. */
public enum Aspect {
    TYPE,
    MODE,
    OWNER,
    /** Of files and symlinks; a directory's size is every file system's own affair. */
    SIZE,
    CONTENT,
    /** Modification time of everything but directories, to the nanosecond. */
    MTIME,
    DIRECTORY_MTIME,
    CTIME,
    DEVICE,
    TARGET,
    /** Link count of everything but directories. */
    LINKS,
    LINK_GROUP,
    XATTRS;

    Object of(TreeEntry entry) {
        boolean directory = entry.isDirectory();
        return switch (this) {
            case TYPE -> entry.type();
            case MODE -> entry.mode();
            case OWNER -> entry.owner();
            case SIZE -> entry.type() == 'f' || entry.type() == 'l' ? entry.sizeBytes() : "";
            case CONTENT -> entry.digest();
            case MTIME -> directory ? "" : entry.mtime();
            case DIRECTORY_MTIME -> directory ? entry.mtime() : "";
            case CTIME -> entry.ctime();
            case DEVICE -> entry.device();
            case TARGET -> entry.target();
            case LINKS -> directory ? "" : entry.links();
            case LINK_GROUP -> entry.linkGroup();
            case XATTRS -> entry.xattrs();
        };
    }

    /** Everything that every pair of faithful trees shares; ctime cannot be copied. */
    public static EnumSet<Aspect> copied() {
        return EnumSet.complementOf(EnumSet.of(CTIME));
    }

    /** Those without a few. */
    public static EnumSet<Aspect> copiedWithout(Aspect first, Aspect... rest) {
        EnumSet<Aspect> aspects = copied();
        aspects.removeAll(EnumSet.of(first, rest));
        return aspects;
    }
}

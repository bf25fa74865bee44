package io.arcfs.fuse.jnr;

import io.arcfs.fuse.abi.NativeBuffers;
import io.arcfs.fuse.jnr.DirectoryCache.Directory;
import io.arcfs.fuse.jnr.DirectoryCache.DirectoryName;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.FileStatus;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the inodes that libfuse's absolute paths mean, as bytes. Whatever it returns holds the
 * inode numbers in it good until it is closed. Thread-safe.
 */
final class PathResolver {
    /** Enough for what is in use at a time; each costs about 200 bytes and a reference. */
    private static final int CACHED_DIRECTORIES = 4096;

    private final FileSystem fileSystem;
    private final DirectoryCache directories;

    PathResolver(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
        this.directories = new DirectoryCache(fileSystem, CACHED_DIRECTORIES);
    }

    /** A name in a directory, whether it exists or not. */
    final class Place implements AutoCloseable {
        private final Directory directory;
        private final byte[] name;

        private Place(Directory directory, byte[] name) {
            this.directory = directory;
            this.name = name;
        }

        long directory() {
            return directory.inode();
        }

        byte[] name() {
            return name;
        }

        @Override
        public void close() {
            directories.unpin(directory);
        }
    }

    /** An existing inode. */
    final class Node implements AutoCloseable {
        private final Attributes attributes;

        private Node(Attributes attributes) {
            this.attributes = attributes;
        }

        long inode() {
            return attributes.inode();
        }

        /** As they were when the path was resolved. */
        Attributes attributes() {
            return attributes;
        }

        @Override
        public void close() {
            if (inode() != FileSystem.ROOT_INODE) {
                fileSystem.forget(inode(), 1);
            }
        }
    }

    /** The place a path names, for operations that make, remove or rename. */
    Place place(long path) throws FsException {
        byte[] bytes = NativeBuffers.getCString(path);
        int lastSlash = bytes.length - 1;
        while (lastSlash >= 0 && bytes[lastSlash] != '/') {
            lastSlash--;
        }
        byte[] name = Arrays.copyOfRange(bytes, lastSlash + 1, bytes.length);
        if (name.length == 0) {
            throw new FsException(Reason.INVALID, "the root has no name");
        }
        checkLength(name);
        return new Place(walk(bytes, lastSlash), name);
    }

    /** The inode a path means; NOT_FOUND if there is none. */
    Node node(long path) throws FsException {
        if (isRoot(path)) {
            return new Node(fileSystem.getattr(FileSystem.ROOT_INODE));
        }
        try (Place place = place(path)) {
            return new Node(lookup(place.directory(), place.name()));
        }
    }

    /** A directory's name was removed, renamed, or renamed over. */
    void dropped(Place place) {
        directories.drop(new DirectoryName(place.directory(), place.name()));
    }

    /** Gives back what is cached; nothing may be resolved any more. */
    void close() {
        directories.clear();
    }

    /** Goes through the directories named in the first {@code end} bytes. */
    private Directory walk(byte[] path, int end) throws FsException {
        Directory current = directories.pinRoot();
        int start = 1;
        while (start < end) {
            int slash = start;
            while (slash < end && path[slash] != '/') {
                slash++;
            }
            Directory next;
            try {
                next = child(current, Arrays.copyOfRange(path, start, slash));
            } finally {
                directories.unpin(current);
            }
            current = next;
            start = slash + 1;
        }
        return current;
    }

    private Directory child(Directory parent, byte[] name) throws FsException {
        DirectoryName key = new DirectoryName(parent.inode(), name);
        Directory cached = directories.pin(key);
        if (cached != null) {
            return cached;
        }
        checkLength(name);
        long generation = directories.generation();
        Attributes attributes = lookup(parent.inode(), name);
        if ((attributes.mode() & FileStatus.S_IFMT) != FileStatus.S_IFDIR) {
            fileSystem.forget(attributes.inode(), 1);
            throw new FsException(Reason.NOT_DIRECTORY, "not a directory");
        }
        return directories.take(key, attributes.inode(), generation);
    }

    private Attributes lookup(long parent, byte[] name) throws FsException {
        @Nullable Attributes attributes = fileSystem.lookup(parent, name);
        if (attributes == null) {
            throw new FsException(Reason.NOT_FOUND, "no such name");
        }
        return attributes;
    }

    private static boolean isRoot(long path) {
        return NativeBuffers.getByte(path) == '/' && NativeBuffers.getByte(path + 1) == 0;
    }

    private static void checkLength(byte[] name) throws FsException {
        if (name.length > FileSystem.NAME_MAX) {
            throw new FsException(
                    Reason.NAME_TOO_LONG,
                    "name of " + name.length + " bytes, at most " + FileSystem.NAME_MAX);
        }
    }
}

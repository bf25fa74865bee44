package io.arcfs.fuse.jnr;

import io.arcfs.overlay.FileSystem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directories that paths recently led through, by parent and name, each holding one lookup
 * reference so that its inode number stays good.
 *
 * <ul>
 *   <li>Keyed by the parent's inode and not by path: what is below a renamed directory needs no
 *       correction.
 *   <li>A directory that is being walked through is pinned; its reference is given back when it is
 *       out of the cache and the last pin is gone.
 *   <li>A result that was looked up before a name was dropped is not taken in after it.
 * </ul>
 *
 * Guarded by itself; references are given back outside the lock.
 */
final class DirectoryCache {
    /** One name of a directory. */
    static final class DirectoryName {
        private final long parent;
        private final byte[] name;
        private final int hash;

        DirectoryName(long parent, byte[] name) {
            this.parent = parent;
            this.name = name;
            this.hash = 31 * Arrays.hashCode(name) + Long.hashCode(parent);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof DirectoryName key
                    && key.parent == parent
                    && Arrays.equals(key.name, name);
        }
    }

    /** A directory while it is pinned. */
    static final class Directory {
        private final long inode;
        private int pins;
        private boolean cached;

        private Directory(long inode) {
            this.inode = inode;
        }

        long inode() {
            return inode;
        }
    }

    private final FileSystem fileSystem;
    private final int capacity;
    private final LinkedHashMap<DirectoryName, Directory> directories =
            new LinkedHashMap<>(64, 0.75f, true);
    private final Directory root = new Directory(FileSystem.ROOT_INODE);
    private long generation;

    DirectoryCache(FileSystem fileSystem, int capacity) {
        this.fileSystem = fileSystem;
        this.capacity = capacity;
        root.cached = true;
    }

    /** The root, which needs no reference; it may be unpinned like any other. */
    synchronized Directory pinRoot() {
        root.pins++;
        return root;
    }

    /** The directory of that name, pinned; null if it is not cached. */
    synchronized @Nullable Directory pin(DirectoryName key) {
        Directory directory = directories.get(key);
        if (directory != null) {
            directory.pins++;
        }
        return directory;
    }

    /** To be asked before a lookup whose result is to be {@link #take taken} in. */
    synchronized long generation() {
        return generation;
    }

    /** Takes over the reference of a looked-up directory and returns it pinned. */
    Directory take(DirectoryName key, long inode, long generationBeforeLookup) {
        Directory directory = new Directory(inode);
        List<Directory> forgotten = new ArrayList<>(1);
        synchronized (this) {
            directory.pins = 1;
            if (generation == generationBeforeLookup && !directories.containsKey(key)) {
                directory.cached = true;
                directories.put(key, directory);
                evict(forgotten);
            }
        }
        forget(forgotten);
        return directory;
    }

    void unpin(Directory directory) {
        boolean last;
        synchronized (this) {
            directory.pins--;
            last = directory.pins == 0 && !directory.cached;
        }
        if (last) {
            fileSystem.forget(directory.inode, 1);
        }
    }

    /** The name no longer is, or no longer means, that directory. */
    void drop(DirectoryName key) {
        boolean last;
        Directory directory;
        synchronized (this) {
            generation++;
            directory = directories.remove(key);
            last = directory != null && uncache(directory);
        }
        if (last && directory != null) {
            fileSystem.forget(directory.inode, 1);
        }
    }

    /** Gives back every reference that is not pinned. */
    void clear() {
        List<Directory> forgotten = new ArrayList<>();
        synchronized (this) {
            generation++;
            for (Directory directory : directories.values()) {
                if (uncache(directory)) {
                    forgotten.add(directory);
                }
            }
            directories.clear();
        }
        forget(forgotten);
    }

    private void evict(List<Directory> forgotten) {
        Iterator<Directory> oldestFirst = directories.values().iterator();
        while (directories.size() > capacity && oldestFirst.hasNext()) {
            Directory directory = oldestFirst.next();
            oldestFirst.remove();
            if (uncache(directory)) {
                forgotten.add(directory);
            }
        }
    }

    /** Returns whether the reference is now to be given back. */
    private static boolean uncache(Directory directory) {
        directory.cached = false;
        return directory.pins == 0;
    }

    private void forget(List<Directory> forgotten) {
        for (Directory directory : forgotten) {
            fileSystem.forget(directory.inode, 1);
        }
    }
}

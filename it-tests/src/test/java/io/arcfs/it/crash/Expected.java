package io.arcfs.it.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a worker's folder has to show after its steps so far. Confined to one thread. */
final class Expected {
    /** A file behind one or several names. */
    static final class File {
        long content;
        int size;
        int durable;
        int bytesEver;
        @Nullable String xattr;

        File(long content) {
            this.content = content;
        }
    }

    final TreeMap<String, File> files = new TreeMap<>();
    final TreeSet<String> directories = new TreeSet<>();

    void apply(Step step) {
        switch (step.verb()) {
            case CREATE -> files.put(step.path(), new File(step.content()));
            case APPEND -> {
                File file = file(step.path());
                file.size += step.length();
                file.bytesEver = Math.max(file.bytesEver, file.size);
            }
            case FSYNC -> file(step.path()).durable = file(step.path()).size;
            // All the worker did so far: the file system's promise is wider than POSIX's.
            case FSYNC_DIRECTORY -> {}
            case RENAME -> {
                File moved = file(step.path());
                files.remove(step.path());
                if (files.put(step.other(), moved) != null) {
                    // What replaces another file was made durable before.
                    moved.durable = moved.size;
                }
            }
            case UNLINK -> files.remove(step.path());
            case LINK -> files.put(step.other(), file(step.path()));
            case EMPTY -> {
                File file = file(step.path());
                file.content = step.content();
                file.size = 0;
                file.durable = 0;
                file.bytesEver = 0;
            }
            case MKDIR -> directories.add(step.path());
            case RMDIR -> directories.remove(step.path());
            case XATTR -> file(step.path()).xattr = step.other();
        }
    }

    private File file(String path) {
        File file = files.get(path);
        if (file == null) {
            throw new IllegalStateException("the ledger knows no " + path);
        }
        return file;
    }

    /** Names that lead to one inode. */
    List<String> names(File file) {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, File> entry : files.entrySet()) {
            if (entry.getValue() == file) {
                names.add(entry.getKey());
            }
        }
        return names;
    }
}

package io.arcfs.it.crash;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The file system under test, by absolute paths. Thread-safe. */
interface CrashTarget {
    /** Makes an empty file. */
    void create(String path) throws IOException;

    /** Appends at the end. */
    void append(String path, byte[] bytes) throws IOException;

    /** Makes the file's bytes, and its name, durable. */
    void fsync(String path) throws IOException;

    /** Makes the names in a directory durable. */
    void fsyncDirectory(String path) throws IOException;

    void rename(String from, String to) throws IOException;

    void unlink(String path) throws IOException;

    void link(String existing, String path) throws IOException;

    /** Starts a new, empty version. */
    void empty(String path) throws IOException;

    void mkdir(String path) throws IOException;

    void rmdir(String path) throws IOException;

    void setXattr(String path, String value) throws IOException;

    @Nullable String xattr(String path) throws IOException;

    byte[] read(String path) throws IOException;

    /** Names in a directory; those of directories end with a slash. */
    List<String> list(String path) throws IOException;
}

package io.arcfs.it.crash;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says that things are durable without seeing to it: what a test of power loss must catch. */
final class LyingTarget implements CrashTarget {
    private final CrashTarget honest;

    LyingTarget(CrashTarget honest) {
        this.honest = honest;
    }

    @Override
    public void fsync(String path) {
        // The lie.
    }

    @Override
    public void fsyncDirectory(String path) {
        // The lie.
    }

    @Override
    public void create(String path) throws IOException {
        honest.create(path);
    }

    @Override
    public void append(String path, byte[] bytes) throws IOException {
        honest.append(path, bytes);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        honest.rename(from, to);
    }

    @Override
    public void unlink(String path) throws IOException {
        honest.unlink(path);
    }

    @Override
    public void link(String existing, String path) throws IOException {
        honest.link(existing, path);
    }

    @Override
    public void empty(String path) throws IOException {
        honest.empty(path);
    }

    @Override
    public void mkdir(String path) throws IOException {
        honest.mkdir(path);
    }

    @Override
    public void rmdir(String path) throws IOException {
        honest.rmdir(path);
    }

    @Override
    public void setXattr(String path, String value) throws IOException {
        honest.setXattr(path, value);
    }

    @Override
    public @Nullable String xattr(String path) throws IOException {
        return honest.xattr(path);
    }

    @Override
    public byte[] read(String path) throws IOException {
        return honest.read(path);
    }

    @Override
    public List<String> list(String path) throws IOException {
        return honest.list(path);
    }
}

package io.arcfs.fuse.memory;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.posix.FileStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An open directory of {@link MemoryFileSystem}. Guarded by its file system. */
final class MemoryOpenDirectory implements OpenDirectory {
    private record Entry(byte[] name, long inode, int type) {}

    private final MemoryFileSystem fileSystem;
    private final MemoryInode node;
    private List<Entry> listing = List.of();
    private boolean released;

    MemoryOpenDirectory(MemoryFileSystem fileSystem, MemoryInode node) {
        this.fileSystem = fileSystem;
        this.node = node;
    }

    @Override
    public long inode() {
        return node.number;
    }

    @Override
    public void read(long cookie, EntrySink sink) throws FsException {
        synchronized (fileSystem) {
            if (cookie == 0) {
                listing = list();
            }
            for (int i = (int) cookie; i < listing.size(); i++) {
                Entry entry = listing.get(i);
                if (!sink.entry(entry.name, entry.inode, entry.type, i + 1L)) {
                    return;
                }
            }
        }
    }

    private List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(bytes("."), node.number, FileStatus.S_IFDIR));
        entries.add(new Entry(bytes(".."), node.number, FileStatus.S_IFDIR));
        for (var entry : node.entries.entrySet()) {
            Name name = entry.getKey();
            entries.add(new Entry(name.bytes(), entry.getValue().number, entry.getValue().type));
        }
        return entries;
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void fsync() throws FsException {
        fileSystem.observer().syncing();
    }

    @Override
    public void release() {
        synchronized (fileSystem) {
            if (!released) {
                released = true;
                node.opens--;
                fileSystem.dropIfUnused(node);
            }
        }
    }
}

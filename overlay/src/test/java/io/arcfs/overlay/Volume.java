package io.arcfs.overlay;

import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A volume in a temporary directory, driven by paths. */
final class Volume implements AutoCloseable {
    private static final Caller CALLER = new Caller(1000, 1000, 022);

    private final Path directory;
    private final Map<ContainerId, ContainerState> containers;
    private final Settings settings;
    private FileTier tier;
    private Overlay overlay;

    private Volume(Path directory, Settings settings, Map<ContainerId, ContainerState> containers)
            throws IOException {
        this.directory = directory;
        this.containers = containers;
        this.settings = settings;
        this.tier = new FileTier(directory.resolve("device"), containers);
        this.overlay = Overlay.open(settings.options(directory), tier);
    }

    static Volume in(Path directory) throws IOException {
        return in(directory, new Settings());
    }

    static Volume in(Path directory, Settings settings) throws IOException {
        return new Volume(directory, settings, containersOf(directory));
    }

    /** A volume whose tier has lost everything. */
    static Volume withoutContainers(Path directory) throws IOException {
        return new Volume(directory, new Settings(), FileTier.noContainers());
    }

    /** What the tier's own catalog would say. */
    private static Map<ContainerId, ContainerState> containersOf(Path directory)
            throws IOException {
        Map<ContainerId, ContainerState> containers = FileTier.noContainers();
        if (Files.exists(directory.resolve("catalog"))) {
            Catalog catalog = Catalog.open(directory.resolve("catalog"));
            for (ContainerRecord container : catalog.containers()) {
                containers.put(
                        container.id(),
                        container.closed() ? ContainerState.STAGED : ContainerState.OPEN);
            }
            catalog.close();
        }
        return containers;
    }

    FileTier tier() {
        return tier;
    }

    Overlay overlay() {
        return overlay;
    }

    FileSystem fs() {
        return overlay.fileSystem();
    }

    void reopen() throws IOException {
        overlay.close();
        tier.close();
        tier = new FileTier(directory.resolve("device"), containers);
        overlay = Overlay.open(settings.options(directory), tier);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    long parent(String path) throws IOException {
        return inode(path.substring(0, Math.max(0, path.lastIndexOf('/'))));
    }

    long inode(String path) throws IOException {
        long inode = FileSystem.ROOT_INODE;
        for (String part : path.split("/")) {
            if (!part.isEmpty()) {
                Attributes found = fs().lookup(inode, bytes(part));
                if (found == null) {
                    throw new FsException(FsException.Reason.NOT_FOUND, path);
                }
                inode = found.inode();
            }
        }
        return inode;
    }

    @Nullable Attributes stat(String path) throws IOException {
        try {
            return fs().getattr(inode(path));
        } catch (FsException e) {
            if (e.reason() == FsException.Reason.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    void mkdir(String path) throws IOException {
        fs().mkdir(parent(path), bytes(nameOf(path)), 0755, CALLER);
    }

    void rmdir(String path) throws IOException {
        fs().rmdir(parent(path), bytes(nameOf(path)));
    }

    void symlink(String target, String path) throws IOException {
        fs().symlink(parent(path), bytes(nameOf(path)), bytes(target), CALLER);
    }

    void link(String existing, String path) throws IOException {
        fs().link(inode(existing), parent(path), bytes(nameOf(path)));
    }

    void unlink(String path) throws IOException {
        fs().unlink(parent(path), bytes(nameOf(path)));
    }

    void rename(String from, String to) throws IOException {
        rename(from, to, RenameMode.REPLACE);
    }

    void rename(String from, String to, RenameMode mode) throws IOException {
        fs().rename(parent(from), bytes(nameOf(from)), parent(to), bytes(nameOf(to)), mode);
    }

    void create(String path, String content) throws IOException {
        FileSystem.Created made =
                fs().create(parent(path), bytes(nameOf(path)), 0644, OpenMode.READ_WRITE, CALLER);
        write(made.file(), 0, bytes(content));
        made.file().release();
    }

    OpenFile open(String path, OpenMode mode) throws IOException {
        return fs().open(inode(path), mode);
    }

    void append(String path, byte[] content) throws IOException {
        OpenFile file = open(path, OpenMode.READ_WRITE);
        try (Arena arena = Arena.ofConfined()) {
            file.append(arena.allocateFrom(ValueLayout.JAVA_BYTE, content));
        } finally {
            file.release();
        }
    }

    void append(String path, String content) throws IOException {
        append(path, bytes(content));
    }

    static void write(OpenFile file, long offset, byte[] content) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            file.write(offset, arena.allocateFrom(ValueLayout.JAVA_BYTE, content));
        }
    }

    static byte[] read(OpenFile file, long offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(Math.max(1, length));
            int count = file.read(offset, target.asSlice(0, length));
            return target.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    byte[] readAll(String path) throws IOException {
        OpenFile file = open(path, OpenMode.READ);
        byte[] content = read(file, 0, Math.toIntExact(file.attributes().size()));
        file.release();
        return content;
    }

    String text(String path) throws IOException {
        return new String(readAll(path), StandardCharsets.UTF_8);
    }

    List<String> list(String path) throws IOException {
        OpenDirectory directoryHandle = fs().openDirectory(inode(path));
        TreeSet<String> names = new TreeSet<>();
        directoryHandle.read(
                0,
                (name, _, _, _) -> {
                    names.add(new String(name, StandardCharsets.UTF_8));
                    return true;
                });
        directoryHandle.release();
        names.remove(".");
        names.remove("..");
        return new ArrayList<>(names);
    }

    boolean archive() throws IOException, InterruptedException {
        return overlay.archive();
    }

    boolean mergeAll() throws IOException, InterruptedException {
        return overlay.merge(MergeScope.ALL);
    }

    @Override
    public void close() throws IOException {
        overlay.close();
        tier.close();
    }
}

package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.Created;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FileSystem.XattrMode;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.ModelTree.Item;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** One seeded run of random operations on a volume and on the model. Confined to one thread. */
final class ModelRun implements AutoCloseable {
    private static final Caller CALLER = new Caller(1000, 1000, 0);
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");
    private static final List<RenameMode> RENAME_MODES = List.of(RenameMode.values());
    private static final int LARGEST_FILE = 400_000;
    private static final int MANY_PATHS = 120;

    private final Random random;
    private final Settings settings = new Settings();
    private final ModelTree model = new ModelTree();
    private final List<Handle> handles = new ArrayList<>();
    private final Volume volume;
    private boolean offline;

    private record Handle(OpenFile file, Item item) {}

    @FunctionalInterface
    private interface Call {
        void run() throws IOException;
    }

    ModelRun(Path directory, long seed) throws IOException {
        random = new Random(seed);
        settings.tailWait = Duration.ZERO;
        settings.mergePolicy = seed % 2 == 0 ? MergePolicy.TIERED : MergePolicy.BASE;
        settings.overwrite = seed % 3 == 0 ? OverwritePolicy.UPPER : OverwritePolicy.DENY;
        volume = Volume.in(directory, settings);
        model.root.mode = stat("").mode() & 07777;
    }

    private Attributes stat(String path) throws IOException {
        Attributes found = volume.stat(path);
        if (found == null) {
            throw new AssertionError(path + " is not there");
        }
        return found;
    }

    private String somePath() {
        List<String> paths = model.paths();
        return paths.isEmpty() || random.nextInt(10) == 0
                ? "/" + someName()
                : paths.get(random.nextInt(paths.size()));
    }

    private String someName() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    /** A name in some directory, taken or not. */
    private String somePlace() {
        String path = somePath();
        Item item = model.find(path);
        if (item != null && item.isDirectory() && random.nextInt(3) > 0) {
            return path + "/" + someName();
        }
        return path.substring(0, path.lastIndexOf('/')) + "/" + someName();
    }

    /** Does one operation; says which. */
    String step() throws Exception {
        int kind = random.nextInt(100);
        if (kind < 6) {
            return round(kind);
        }
        boolean crowded = model.paths().size() > MANY_PATHS;
        return switch (kind % 19) {
            case 0, 1 -> crowded ? remove() : make(0040000);
            case 2, 3 -> crowded ? remove() : make(0100000);
            case 4 -> make(random.nextBoolean() ? 0120000 : 0010000);
            case 5, 6 -> write();
            case 7, 8 -> remove();
            case 9 -> chmod();
            case 10 -> link();
            case 11, 12, 13 -> rename();
            case 14 -> open();
            case 15 -> useHandle();
            case 16 -> xattr();
            case 17 -> resize();
            default -> random.nextInt(4) == 0 ? tmpfile() : closeHandle();
        };
    }

    private String round(int kind) throws Exception {
        Map<String, Attributes> before = snapshot();
        String what =
                switch (kind) {
                    case 0, 1, 2 -> {
                        volume.archive();
                        model.archived();
                        handles.forEach(handle -> handle.item().archived = true);
                        yield "archive";
                    }
                    case 3 -> {
                        MergeScope scope =
                                random.nextInt(3) == 0 ? MergeScope.ALL : MergeScope.POLICY;
                        volume.overlay().merge(scope);
                        yield "merge " + scope;
                    }
                    case 4 -> {
                        offline = !offline;
                        volume.tier()
                                .media(offline ? FileTier.Media.OFFLINE : FileTier.Media.ON_SSD);
                        yield offline ? "offline" : "online";
                    }
                    default -> {
                        while (!handles.isEmpty()) {
                            handles.removeLast().file().release();
                        }
                        volume.reopen();
                        offline = false;
                        yield "reopen";
                    }
                };
        Map<String, Attributes> after = snapshot();
        for (Map.Entry<String, Attributes> entry : before.entrySet()) {
            assertThat(after.get(entry.getKey()))
                    .as("attributes of %s after %s", entry.getKey(), what)
                    .isEqualTo(entry.getValue());
        }
        return what;
    }

    private Map<String, Attributes> snapshot() throws IOException {
        Map<String, Attributes> all = new TreeMap<>();
        all.put("", stat(""));
        for (String path : model.paths()) {
            all.put(path, stat(path));
        }
        return all;
    }

    private static String attempt(String what, boolean allowed, Call call) throws IOException {
        try {
            call.run();
        } catch (FsException e) {
            if (e.reason() == Reason.IO || e.reason() == Reason.STALE || allowed) {
                throw new AssertionError(what + ": " + e.reason(), e);
            }
            return what + " refused";
        }
        assertThat(allowed).as(what).isTrue();
        return what;
    }

    private String make(int type) throws IOException {
        String path = somePlace();
        Item item = new Item(type, random.nextInt(010000));
        byte[] name = Volume.bytes(path.substring(path.lastIndexOf('/') + 1));
        if (type == 0120000) {
            item.target = path;
            item.mode = 0777;
        }
        Call call =
                switch (type) {
                    case 0040000 ->
                            () -> volume.fs().mkdir(volume.parent(path), name, item.mode, CALLER);
                    case 0120000 -> () -> volume.symlink(path, path);
                    case 0100000 ->
                            () ->
                                    volume.fs()
                                            .create(
                                                    volume.parent(path),
                                                    name,
                                                    item.mode,
                                                    OpenMode.READ_WRITE,
                                                    CALLER)
                                            .file()
                                            .release();
                    default ->
                            () ->
                                    volume.fs()
                                            .mknod(
                                                    volume.parent(path),
                                                    name,
                                                    type | item.mode,
                                                    0,
                                                    CALLER);
                };
        Item parent = model.find(path.substring(0, path.lastIndexOf('/')));
        if (parent != null && (parent.mode & 02000) != 0 && item.isDirectory()) {
            // set-gid goes down to folders
            String done = attempt("make " + path, model.enter(path, item), call);
            item.mode |= 02000;
            return done;
        }
        return attempt("make %o %s".formatted(type, path), model.enter(path, item), call);
    }

    private byte[] someBytes() {
        byte[] bytes = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 70_000 : 3_000)];
        if (random.nextInt(5) > 0) {
            random.nextBytes(bytes);
        }
        return bytes;
    }

    private String write() throws IOException {
        String path = somePath();
        Item item = model.find(path);
        if (item == null || !item.isFile() || item.content.length > LARGEST_FILE) {
            return "nothing";
        }
        OpenFile file = volume.open(path, OpenMode.READ_WRITE);
        String what = write(new Handle(file, item), path);
        file.release();
        return what;
    }

    private String write(Handle handle, String path) throws IOException {
        Item item = handle.item();
        byte[] bytes = someBytes();
        int hole = random.nextInt(4) == 0 ? random.nextInt(100_000) : 0;
        boolean back = random.nextInt(4) == 0 && item.written > 0;
        int end = item.archived ? item.content.length : item.written;
        int offset = back ? random.nextInt(item.written) : end + hole;
        String what = "write %s at %d: %d".formatted(path, offset, bytes.length);
        if (back && settings.overwrite == OverwritePolicy.UPPER) {
            try {
                Volume.write(handle.file(), offset, bytes);
                item.write(offset, bytes);
            } catch (FsException e) {
                assertThat(e.reason()).as(what).isEqualTo(Reason.NOT_PERMITTED);
                return what + " refused";
            }
            return what;
        }
        what = attempt(what, !back, () -> Volume.write(handle.file(), offset, bytes));
        if (!back) {
            item.write(offset, bytes);
        }
        return what;
    }

    private String remove() throws IOException {
        String path = somePath();
        return random.nextBoolean()
                ? attempt("unlink " + path, model.unlink(path), () -> volume.unlink(path))
                : attempt("rmdir " + path, model.rmdir(path), () -> volume.rmdir(path));
    }

    private String chmod() throws IOException {
        String path = somePath();
        int mode = random.nextInt(010000);
        Item item = model.find(path);
        int uid = random.nextInt(3000);
        String what =
                attempt(
                        "chmod " + path,
                        item != null,
                        () ->
                                volume.fs()
                                        .setattr(
                                                volume.inode(path),
                                                new AttributeChange(
                                                        mode, uid, null, null, null, null)));
        if (item != null) {
            item.mode = mode;
            item.uid = uid;
        }
        return what;
    }

    private String link() throws IOException {
        String path = somePath();
        String other = somePlace();
        return attempt(
                "link " + path + " " + other,
                model.link(path, other),
                () -> volume.link(path, other));
    }

    private String rename() throws IOException {
        String path = somePath();
        String other = somePlace();
        RenameMode mode = RENAME_MODES.get(random.nextInt(RENAME_MODES.size()));
        return attempt(
                mode + " " + path + " " + other,
                model.rename(path, other, mode),
                () -> volume.rename(path, other, mode));
    }

    private String open() throws IOException {
        String path = somePath();
        Item item = model.find(path);
        if (item == null || !item.isFile() || handles.size() > 20) {
            return "nothing";
        }
        handles.add(new Handle(volume.open(path, OpenMode.READ_WRITE), item));
        return "open " + path;
    }

    private String tmpfile() throws IOException {
        Created made = volume.fs().tmpfile(1, 0644, OpenMode.READ_WRITE, CALLER);
        Item item = new Item(0100000, 0644);
        item.nlink = 0;
        Handle handle = new Handle(made.file(), item);
        handles.add(handle);
        String what = write(handle, "tmpfile");
        String path = somePlace();
        boolean allowed = model.enter(path, item);
        item.nlink = allowed ? 1 : 0;
        byte[] name = Volume.bytes(path.substring(path.lastIndexOf('/') + 1));
        return what
                + attempt(
                        "; name it " + path,
                        allowed,
                        () -> volume.fs().link(made.file().inode(), volume.parent(path), name));
    }

    private String useHandle() throws IOException {
        if (handles.isEmpty()) {
            return "nothing";
        }
        Handle handle = handles.get(random.nextInt(handles.size()));
        if (random.nextBoolean() && handle.item().content.length < LARGEST_FILE) {
            return write(handle, "handle");
        }
        if (random.nextInt(4) == 0) {
            handle.file().fsync();
        }
        compare(handle);
        return "read handle";
    }

    private String closeHandle() throws IOException {
        if (handles.isEmpty()) {
            return "nothing";
        }
        Handle handle = handles.remove(random.nextInt(handles.size()));
        compare(handle);
        handle.file().release();
        return "close";
    }

    private String xattr() throws IOException {
        String path = somePath();
        Item item = model.find(path);
        if (item == null) {
            return "nothing";
        }
        String name = "user." + someName();
        long inode = volume.inode(path);
        if (random.nextInt(3) == 0) {
            return attempt(
                    "removexattr " + path,
                    item.xattrs.remove(name) != null,
                    () -> volume.fs().removexattr(inode, Volume.bytes(name)));
        }
        byte[] value = Volume.bytes("v".repeat(random.nextInt(300)));
        item.xattrs.put(name, value);
        volume.fs().setxattr(inode, Volume.bytes(name), value, XattrMode.SET);
        return "setxattr " + path;
    }

    private String resize() throws IOException {
        String path = somePath();
        Item item = model.find(path);
        if (item == null || !item.isFile()) {
            return "nothing";
        }
        int size =
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> random.nextInt(item.content.length + 1);
                    default -> item.content.length + random.nextInt(80_000);
                };
        return attempt(
                "resize " + path + " to " + size,
                item.resize(size),
                () -> volume.fs().setattr(volume.inode(path), AttributeChange.ofSize(size)));
    }

    private void compare(Handle handle) throws IOException {
        Item item = handle.item();
        Attributes shown = handle.file().attributes();
        assertThat(shown.size()).as("size by handle").isEqualTo(item.content.length);
        assertThat(shown.nlink()).as("links by handle").isEqualTo(item.nlink);
        if (!offline) {
            assertThat(
                            Arrays.equals(
                                    Volume.read(handle.file(), 0, item.content.length),
                                    item.content))
                    .as("content by handle")
                    .isTrue();
        }
    }

    /** The whole tree, with data, xattrs and targets. */
    void compare() throws IOException {
        offline = false;
        volume.tier().media(FileTier.Media.ON_SSD);
        for (Handle handle : handles) {
            compare(handle);
        }
        compare(model.root, "");
    }

    void finish() throws Exception {
        volume.archive();
        volume.mergeAll();
        compare();
        while (!handles.isEmpty()) {
            handles.removeLast().file().release();
        }
        volume.reopen();
        compare();
    }

    private void compare(Item item, String path) throws IOException {
        Attributes shown = stat(path);
        assertThat(shown.mode()).as("mode of %s", path).isEqualTo(item.type | item.mode);
        assertThat(shown.nlink()).as("links of %s", path).isEqualTo(item.shownLinks());
        if (item != model.root) {
            assertThat(shown.uid()).as("owner of %s", path).isEqualTo(item.uid);
        }
        if (item.inode != 0) {
            assertThat(shown.inode()).as("inode of %s", path).isEqualTo(item.inode);
        }
        item.inode = shown.inode();
        List<String> names = new ArrayList<>();
        volume.fs()
                .listxattr(shown.inode())
                .forEach(name ->
                        names.add(new String(name, java.nio.charset.StandardCharsets.UTF_8)));
        assertThat(names)
                .as("xattrs of %s", path)
                .containsExactlyInAnyOrderElementsOf(item.xattrs.keySet());
        for (Map.Entry<String, byte[]> xattr : item.xattrs.entrySet()) {
            assertThat(volume.fs().getxattr(shown.inode(), Volume.bytes(xattr.getKey())))
                    .as("%s of %s", xattr.getKey(), path)
                    .isEqualTo(xattr.getValue());
        }
        if (item.isFile()) {
            assertThat(Arrays.equals(volume.readAll(path), item.content))
                    .as("content of %s", path)
                    .isTrue();
        } else if (item.type == 0120000) {
            assertThat(volume.fs().readlink(shown.inode())).isEqualTo(Volume.bytes(item.target));
        } else if (item.isDirectory()) {
            assertThat(volume.list(path))
                    .as("names in %s", path)
                    .containsExactlyElementsOf(item.children.keySet());
        }
        for (Map.Entry<String, Item> child : item.children.entrySet()) {
            compare(child.getValue(), path + "/" + child.getKey());
        }
    }

    @Override
    public void close() throws IOException {
        volume.close();
    }
}

package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.FsException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Seeded random operations with rounds, merges and reopenings in between, against a tree in memory.
 */
final class ModelTest {
    private static final int OPERATIONS = 1000;
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");

    private static final List<RenameMode> RENAME_MODES = List.of(RenameMode.values());

    @TempDir Path directory;

    /** A directory or a file of the model; hard links are one object under several names. */
    private static final class Item {
        final @Nullable Map<String, Item> children;
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        int mode;
        int nlink = 1;
        long inode;

        Item(boolean isDirectory) {
            children = isDirectory ? new TreeMap<>() : null;
        }

        Map<String, Item> entries() {
            if (children == null) {
                throw new IllegalStateException("a file");
            }
            return children;
        }
    }

    private final Item root = new Item(true);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theMergedTreeIsWhatTheOperationsMade(long seed) throws Exception {
        Random random = new Random(seed);
        List<String> log = new ArrayList<>();
        Volume volume = Volume.in(directory);
        try {
            for (int i = 0; i < OPERATIONS; i++) {
                log.add(step(volume, random));
                if (i % 100 == 99) {
                    compare(volume, root, "");
                }
            }
            volume.mergeAll();
            volume.reopen();
            compare(volume, root, "");
        } catch (IOException | AssertionError e) {
            throw new AssertionError(
                    "seed "
                            + seed
                            + " after "
                            + String.join(
                                    "; ", log.subList(Math.max(0, log.size() - 60), log.size())),
                    e);
        } finally {
            volume.close();
        }
    }

    private String step(Volume volume, Random random) throws Exception {
        String path = randomPath(random, random.nextInt(4));
        String other = randomPath(random, random.nextInt(4));
        int kind = random.nextInt(100);
        if (kind < 2) {
            volume.archive();
            return "archive";
        }
        if (kind < 3) {
            volume.overlay().merge(random.nextBoolean() ? MergeScope.ALL : MergeScope.POLICY);
            return "merge";
        }
        if (kind < 4) {
            volume.reopen();
            return "reopen";
        }
        if (path.isEmpty()) {
            return "nothing";
        }
        return switch (kind % 10) {
            case 0, 1 -> attempt("mkdir " + path, mkdir(path), () -> volume.mkdir(path));
            case 2, 3 -> {
                String content = "c" + random.nextInt(1000) + "x".repeat(random.nextInt(5000));
                yield attempt(
                        "create " + path,
                        create(path, content),
                        () -> volume.create(path, content));
            }
            case 4 -> {
                byte[] more = new byte[random.nextInt(70_000)];
                random.nextBytes(more);
                yield attempt(
                        "append " + path, append(path, more), () -> volume.append(path, more));
            }
            case 5 -> attempt("unlink " + path, unlink(path), () -> volume.unlink(path));
            case 6 -> attempt("rmdir " + path, rmdir(path), () -> volume.rmdir(path));
            case 7 -> {
                int mode = random.nextInt(01000);
                yield attempt(
                        "chmod " + path,
                        chmod(path, mode),
                        () ->
                                volume.fs()
                                        .setattr(
                                                volume.inode(path),
                                                AttributeChange.ofPermissions(mode)));
            }
            case 8 ->
                    attempt(
                            "link " + path + " " + other,
                            link(path, other),
                            () -> volume.link(path, other));
            default -> {
                RenameMode mode = RENAME_MODES.get(random.nextInt(RENAME_MODES.size()));
                yield attempt(
                        mode + " " + path + " " + other,
                        rename(path, other, mode),
                        () -> volume.rename(path, other, mode));
            }
        };
    }

    private String randomPath(Random random, int depth) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i <= depth; i++) {
            path.append('/').append(NAMES.get(random.nextInt(NAMES.size())));
        }
        return path.toString();
    }

    /** A change of the model, or the reason why POSIX refuses it. */
    private sealed interface Outcome {
        record Done() implements Outcome {}

        record Refused() implements Outcome {}
    }

    @FunctionalInterface
    private interface Call {
        void run() throws Exception;
    }

    private static String attempt(String what, Outcome expected, Call call) throws Exception {
        try {
            call.run();
        } catch (FsException e) {
            assertThat(e.reason()).as(what).isNotEqualTo(Reason.IO);
            assertThat(expected).as(what + ": " + e.reason()).isInstanceOf(Outcome.Refused.class);
            return what + " refused";
        }
        assertThat(expected).as(what).isInstanceOf(Outcome.Done.class);
        return what;
    }

    private static final Outcome DONE = new Outcome.Done();
    private static final Outcome REFUSED = new Outcome.Refused();

    private @Nullable Item find(String path) {
        Item item = root;
        for (String part : path.split("/")) {
            if (!part.isEmpty()) {
                Item next = item.children == null ? null : item.children.get(part);
                if (next == null) {
                    return null;
                }
                item = next;
            }
        }
        return item;
    }

    private @Nullable Item parent(String path) {
        Item item = find(path.substring(0, path.lastIndexOf('/')));
        return item == null || item.children == null ? null : item;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private Outcome mkdir(String path) {
        Item parent = parent(path);
        return parent != null && parent.entries().putIfAbsent(name(path), new Item(true)) == null
                ? DONE
                : REFUSED;
    }

    private Outcome create(String path, String content) {
        Item parent = parent(path);
        Item file = new Item(false);
        file.content.writeBytes(Volume.bytes(content));
        return parent != null && parent.entries().putIfAbsent(name(path), file) == null
                ? DONE
                : REFUSED;
    }

    private Outcome append(String path, byte[] more) {
        Item file = find(path);
        if (file == null || file.children != null) {
            return REFUSED;
        }
        file.content.writeBytes(more);
        return DONE;
    }

    private Outcome unlink(String path) {
        Item file = find(path);
        Item parent = parent(path);
        if (file == null || file.children != null || parent == null) {
            return REFUSED;
        }
        parent.entries().remove(name(path));
        file.nlink--;
        return DONE;
    }

    private Outcome rmdir(String path) {
        Item item = find(path);
        Item parent = parent(path);
        if (item == null || parent == null || item.children == null || !item.children.isEmpty()) {
            return REFUSED;
        }
        parent.entries().remove(name(path));
        return DONE;
    }

    private Outcome chmod(String path, int mode) {
        Item item = find(path);
        if (item == null) {
            return REFUSED;
        }
        item.mode = mode;
        return DONE;
    }

    private Outcome link(String path, String other) {
        Item file = find(path);
        Item parent = parent(other);
        if (file == null || file.children != null || parent == null || find(other) != null) {
            return REFUSED;
        }
        parent.entries().put(name(other), file);
        file.nlink++;
        return DONE;
    }

    private Outcome rename(String path, String other, RenameMode mode) {
        Item source = find(path);
        Item from = parent(path);
        Item to = parent(other);
        Item target = find(other);
        if (source == null || from == null || to == null) {
            return REFUSED;
        }
        boolean forbidden = mode == RenameMode.NOREPLACE && target != null;
        boolean missing = mode == RenameMode.EXCHANGE && target == null;
        if (forbidden || missing) {
            return REFUSED;
        }
        if (source == target) {
            return DONE;
        }
        boolean intoItself = other.startsWith(path + "/");
        boolean outOfItself = mode == RenameMode.EXCHANGE && path.startsWith(other + "/");
        if (intoItself || outOfItself) {
            return REFUSED;
        }
        if (mode == RenameMode.EXCHANGE && target != null) {
            from.entries().put(name(path), target);
            to.entries().put(name(other), source);
            return DONE;
        }
        if (target != null) {
            boolean bothFiles = source.children == null && target.children == null;
            boolean ontoEmpty =
                    source.children != null && target.children != null && target.children.isEmpty();
            if (!bothFiles && !ontoEmpty) {
                return REFUSED;
            }
            target.nlink--;
        }
        from.entries().remove(name(path));
        to.entries().put(name(other), source);
        return DONE;
    }

    private void compare(Volume volume, Item item, String path) throws IOException {
        Attributes attributes = volume.stat(path);
        assertThat(attributes).as(path).isNotNull();
        if (attributes == null) {
            return;
        }
        if (item.mode != 0) {
            assertThat(attributes.mode() & 0777).as("mode of " + path).isEqualTo(item.mode);
        }
        if (item.inode != 0) {
            assertThat(attributes.inode()).as("inode of " + path).isEqualTo(item.inode);
        }
        item.inode = attributes.inode();
        if (item.children == null) {
            assertThat(attributes.nlink()).as("links of " + path).isEqualTo(item.nlink);
            assertThat(volume.readAll(path)).as(path).isEqualTo(item.content.toByteArray());
            return;
        }
        assertThat(volume.list(path)).as(path).containsExactlyElementsOf(item.children.keySet());
        for (Map.Entry<String, Item> child : item.children.entrySet()) {
            compare(volume, child.getValue(), path + "/" + child.getKey());
        }
    }
}

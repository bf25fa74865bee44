package io.arcfs.overlay;

import io.arcfs.overlay.FileSystem.RenameMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a volume should show: a tree in memory with POSIX's rules, and append-only's. Operations
 * give whether POSIX lets them happen, and change the tree if so.
 */
final class ModelTree {
    private static final int PERMISSIONS = 07777;

    /** An inode; hard links are one object under several names. */
    static final class Item {
        final int type;
        final Map<String, Item> children = new TreeMap<>();
        final Map<String, byte[]> xattrs = new TreeMap<>();
        byte[] content = {};
        int written;
        String target = "";

        /** In an image the written end is the size: what was only grown may be frozen. */
        boolean archived;

        int mode;
        int uid = 1000;
        int nlink = 1;

        /** 0 until the volume was asked. */
        long inode;

        Item(int type, int mode) {
            this.type = type;
            this.mode = mode & PERMISSIONS;
        }

        boolean isDirectory() {
            return type == 0040000;
        }

        boolean isFile() {
            return type == 0100000;
        }

        int shownLinks() {
            if (!isDirectory()) {
                return nlink;
            }
            return 2 + (int) children.values().stream().filter(Item::isDirectory).count();
        }

        void write(int offset, byte[] bytes) {
            int end = offset + bytes.length;
            if (end > content.length) {
                content = Arrays.copyOf(content, end);
            }
            System.arraycopy(bytes, 0, content, offset, bytes.length);
            written = Math.max(written, end);
        }

        boolean resize(int size) {
            if (size != 0 && size < content.length) {
                return false;
            }
            content = size == 0 ? new byte[0] : Arrays.copyOf(content, size);
            written = size == 0 ? 0 : written;
            archived &= size != 0;
            return true;
        }
    }

    final Item root = new Item(0040000, 0755);

    /** Every path but the root's. */
    List<String> paths() {
        List<String> paths = new ArrayList<>();
        collect(root, "", paths);
        return paths;
    }

    private static void collect(Item directory, String path, List<String> paths) {
        for (Map.Entry<String, Item> child : directory.children.entrySet()) {
            String below = path + "/" + child.getKey();
            paths.add(below);
            collect(child.getValue(), below, paths);
        }
    }

    void archived() {
        for (String path : paths()) {
            Item item = find(path);
            if (item != null) {
                item.archived = true;
            }
        }
    }

    @Nullable Item find(String path) {
        Item item = root;
        for (String part : path.split("/")) {
            if (!part.isEmpty()) {
                Item next = item.children.get(part);
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
        return item == null || !item.isDirectory() ? null : item;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Gives a new inode, or one that has a name already, the name. */
    boolean enter(String path, Item item) {
        Item parent = parent(path);
        return parent != null && parent.children.putIfAbsent(name(path), item) == null;
    }

    boolean unlink(String path) {
        Item item = find(path);
        Item parent = path.isEmpty() ? null : parent(path);
        if (item == null || item.isDirectory() || parent == null) {
            return false;
        }
        parent.children.remove(name(path));
        item.nlink--;
        return true;
    }

    boolean rmdir(String path) {
        Item item = find(path);
        Item parent = parent(path);
        if (item == null || parent == null || !item.isDirectory() || !item.children.isEmpty()) {
            return false;
        }
        parent.children.remove(name(path));
        return true;
    }

    boolean link(String path, String other) {
        Item item = find(path);
        if (item == null || item.isDirectory() || !enter(other, item)) {
            return false;
        }
        item.nlink++;
        return true;
    }

    boolean rename(String path, String other, RenameMode mode) {
        Item source = find(path);
        Item from = parent(path);
        Item to = parent(other);
        Item target = find(other);
        if (source == null || from == null || to == null) {
            return false;
        }
        boolean forbidden = mode == RenameMode.NOREPLACE && target != null;
        boolean missing = mode == RenameMode.EXCHANGE && target == null;
        if (forbidden || missing) {
            return false;
        }
        if (source == target) {
            return true;
        }
        boolean intoItself = other.startsWith(path + "/");
        boolean outOfItself = mode == RenameMode.EXCHANGE && path.startsWith(other + "/");
        if (intoItself || outOfItself) {
            return false;
        }
        if (mode == RenameMode.EXCHANGE && target != null) {
            from.children.put(name(path), target);
            to.children.put(name(other), source);
            return true;
        }
        if (target != null) {
            boolean bothFiles = !source.isDirectory() && !target.isDirectory();
            boolean ontoEmpty =
                    source.isDirectory() && target.isDirectory() && target.children.isEmpty();
            if (!bothFiles && !ontoEmpty) {
                return false;
            }
            target.nlink--;
        }
        from.children.remove(name(path));
        to.children.put(name(other), source);
        return true;
    }
}

package io.arcfs.erofs.merge;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.write.MemoryTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Layers with marks of every kind in every place, sensible or not. Files hold holes; their sizes
 * tell them apart.
 */
final class RandomLayers {
    private static final String[] NAMES = {"a", "b", "c", "d", "-"};

    private final Random random;
    private final List<MemoryTree.Node> redirected = new ArrayList<>();

    /** Paths of directories of the layers made so far. */
    private final List<String> older = new ArrayList<>();

    private final List<String> own = new ArrayList<>();
    private int serial;

    RandomLayers(long seed) {
        this.random = new Random(seed);
    }

    /** Takes one redirect away; false if there is none. */
    boolean dropRedirect() {
        if (redirected.isEmpty()) {
            return false;
        }
        redirected
                .remove(random.nextInt(redirected.size()))
                .xattrs
                .remove("trusted.overlay.redirect");
        return true;
    }

    int redirects() {
        return redirected.size();
    }

    List<MemoryTree> stack(int layers) {
        List<MemoryTree> stack = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            MemoryTree tree = new MemoryTree();
            decorate(tree.root);
            if (random.nextInt(10) == 0) {
                tree.root.xattr("trusted.overlay.opaque", "y");
            }
            fill(tree, tree.root, "", new ArrayList<>());
            older.addAll(own);
            own.clear();
            stack.add(tree);
        }
        return stack;
    }

    private void fill(
            MemoryTree tree, MemoryTree.Node directory, String path, List<MemoryTree.Node> files) {
        for (String name : NAMES) {
            int dice = random.nextInt(20);
            if (dice < 9 && path.length() < 6) {
                MemoryTree.Node child = decorate(tree.directory(directory, name));
                mark(child);
                own.add(path + "/" + name);
                fill(tree, child, path + "/" + name, files);
            } else if (dice < 11) {
                tree.whiteout(directory, name);
                directory.xattr("trusted.overlay.origin", random.nextInt(4) > 0 ? "" : "x");
            } else if (dice < 13) {
                MemoryTree.Node file = decorate(tree.file(directory, name, ++serial, 0));
                file.chunks = new ChunkList(22, 0, new long[] {ChunkList.HOLE});
                files.add(file);
            } else if (dice < 14) {
                decorate(tree.symlink(directory, name, "t" + ++serial));
            } else if (dice < 15) {
                decorate(tree.link(directory, name, tree.node(0x1000 | 0644)));
            } else if (dice < 16 && !files.isEmpty()) {
                tree.link(directory, name, files.get(random.nextInt(files.size())));
            }
        }
    }

    private void mark(MemoryTree.Node directory) {
        switch (random.nextInt(12)) {
            case 0, 1 -> directory.xattr("trusted.overlay.opaque", "y");
            case 2 -> directory.xattr("trusted.overlay.opaque", "n");
            case 3, 4, 5, 6 -> redirect(directory, path());
            case 7 -> redirect(directory, name());
            default -> {}
        }
    }

    private void redirect(MemoryTree.Node directory, String target) {
        directory.xattr("trusted.overlay.redirect", target);
        redirected.add(directory);
    }

    /** Mostly a place where an older layer has a directory. */
    private String path() {
        if (!older.isEmpty() && random.nextInt(8) > 0) {
            return older.get(random.nextInt(older.size()));
        }
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            path.append('/').append(name());
        }
        return path.toString();
    }

    private String name() {
        return NAMES[random.nextInt(NAMES.length)];
    }

    private MemoryTree.Node decorate(MemoryTree.Node node) {
        node.uid = random.nextInt(3);
        node.mtimeNanos = ++serial;
        if (random.nextInt(4) == 0 && (node.mode & 0xF000) != 0xA000) {
            node.xattr("user.n", "" + serial);
        }
        return node;
    }
}

package io.arcfs.erofs.merge;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.write.MemoryTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack in short, oldest first, and the files its merged view shows. Words of a layer: {@code
 * /a/f} a file, {@code /a/} a directory, {@code -/a} a whiteout, {@code !/a} an opaque directory,
 * {@code /a>p} a directory redirected to p, {@code @/a} a symlink, {@code x/a/f} a whiteout made of
 * an xattr. A file's size tells which layer it is of.
 */
record MergeCase(String what, List<String> layers, String shown) {
    static final List<MergeCase> ALL =
            List.of(
                    of("whiteout hides a file", "/g@0", "/f /g", "-/f"),
                    of("newest file wins", "/f@1", "/f", "/f"),
                    of("directories merge", "/d/a@0 /d/b@1", "/d/a", "/d/b"),
                    of(
                            "opaque in the middle stops what a newer one only merges with",
                            "/d/c@2 /d/n@1",
                            "/d/o",
                            "!/d /d/n",
                            "/d/c"),
                    of("directory made again over a whiteout", "/d/n@2", "/d/o", "-/d", "/d/n"),
                    of("directory over file over directory", "/d/n@2", "/d/o", "/d", "/d/n"),
                    of("directory over symlink over directory", "/d/n@2", "/d/o", "@/d", "/d/n"),
                    of("opaque only with y", "/d/n@1 /d/o@0", "/d/o", "/d/n ?/d"),
                    of("renamed twice", "/c/f@0 /c/n@2", "/a/f", "-/a /b>/a", "-/b /c>/b /c/n"),
                    of(
                            "renamed directory goes on merging",
                            "/b/f@0 /b/n@1",
                            "/a/f",
                            "-/a /b>/a /b/n"),
                    of(
                            "redirect through a redirected component",
                            "/z/f@0",
                            "/p/q/f",
                            "-/p /r>/p",
                            "/z>/r/q -/r/q"),
                    of("whiteout on the redirected path", "", "/a/b/f", "-/a", "/x>/a/b"),
                    of("file on the redirected path", "/a@1", "/a/b/f", "/a", "/x>/a/b"),
                    of(
                            "opaque on the redirected path",
                            "/a/b/n@1 /x/n@1",
                            "/a/b/f",
                            "!/a /a/b/n",
                            "/x>/a/b"),
                    of(
                            "redirect below an opaque directory leads out of it",
                            "/a/b/f@0 /c/d/f@0",
                            "/c/d/f /a/b/leak",
                            "!/a /a/b>/c/d"),
                    of(
                            "redirect below an opaque directory of a redirected path",
                            "/a/b/f@0 /c/d/f@0 /x/f@0",
                            "/c/d/f /a/b/leak",
                            "!/a /a/b>/c/d",
                            "/x>/a/b"),
                    of("opaque beats redirect", "/a/f@0 /x/n@1", "/a/f", "!/x /x>/a /x/n"),
                    of("redirect beside", "/d/new/f@0", "/d/old/f", "/d/new>old -/d/old"),
                    of(
                            "redirect beside on a redirected path",
                            "/d/new/s/f@0 /x/f@0",
                            "/d/old/s/f",
                            "/d/new>old -/d/old",
                            "/x>/d/new/s"),
                    of(
                            "redirect beside under a redirected parent",
                            "/e/new/f@0",
                            "/d/old/f",
                            "/e>/d -/d",
                            "/e/new>old -/e/old"),
                    of("redirect to nothing", "/x/n@1", "/y/f", "/x>/none /x/n -/y"),
                    of(
                            "redirect sees only lower layers",
                            "/b/f@0 /b/n@1 /x/f@0 /x/n@1",
                            "/b/f",
                            "/b/n",
                            "/x>/b"),
                    of(
                            "redirect does not see its own layer",
                            "/b/n@1 /b/f@0 /x/f@0",
                            "/b/f",
                            "/b/n /x>/b"),
                    of("marks on roots mean nothing", "/f@0 /g@1", "/f", "/g !/"),
                    of("whiteout made of an xattr", "/d/g@0", "/d/f /d/g", "x/d/f"),
                    of(
                            "removed, made again, filled one by one",
                            "/d/1@3 /d/2@4",
                            "/d/1 /d/2 /d/3",
                            "/k",
                            "-/d -/k",
                            "/d/1",
                            "/d/2"));

    private static MergeCase of(String what, String shown, String... layers) {
        return new MergeCase(what, List.of(layers), shown);
    }

    /** Fresh trees. */
    List<MemoryTree> stack() {
        List<MemoryTree> stack = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            stack.add(tree(layers.get(i), i));
        }
        return stack;
    }

    private static MemoryTree tree(String words, int layer) {
        MemoryTree tree = new MemoryTree();
        Map<String, MemoryTree.Node> made = new HashMap<>();
        made.put("", tree.root);
        for (String word : words.split(" ")) {
            char kind = word.charAt(0);
            String path = kind == '/' ? word : word.substring(1);
            int arrow = path.indexOf('>');
            if (arrow > 0) {
                directory(tree, made, path.substring(0, arrow))
                        .xattr("trusted.overlay.redirect", path.substring(arrow + 1));
                continue;
            }
            if (kind == '!' || kind == '?') {
                directory(tree, made, path.equals("/") ? "" : path)
                        .xattr("trusted.overlay.opaque", kind == '!' ? "y" : "n");
                continue;
            }
            if (path.endsWith("/")) {
                directory(tree, made, path.substring(0, path.length() - 1));
                continue;
            }
            MemoryTree.Node parent =
                    directory(tree, made, path.substring(0, path.lastIndexOf('/')));
            String name = path.substring(path.lastIndexOf('/') + 1);
            switch (kind) {
                case '-' -> {
                    tree.whiteout(parent, name);
                    parent.xattr("trusted.overlay.origin", "");
                }
                case '@' -> tree.symlink(parent, name, "target");
                case 'x' -> {
                    tree.file(parent, name, 0, 0).xattr("trusted.overlay.whiteout", "");
                    parent.xattr("trusted.overlay.opaque", "x");
                }
                default -> {
                    MemoryTree.Node file = tree.file(parent, name, layer + 1, 0);
                    file.chunks = new ChunkList(22, 0, new long[] {ChunkList.HOLE});
                }
            }
        }
        return tree;
    }

    private static MemoryTree.Node directory(
            MemoryTree tree, Map<String, MemoryTree.Node> made, String path) {
        MemoryTree.Node known = made.get(path);
        if (known == null) {
            int slash = path.lastIndexOf('/');
            known =
                    tree.directory(
                            directory(tree, made, path.substring(0, slash)),
                            path.substring(slash + 1));
            made.put(path, known);
        }
        return known;
    }

    @Override
    public String toString() {
        return what;
    }
}

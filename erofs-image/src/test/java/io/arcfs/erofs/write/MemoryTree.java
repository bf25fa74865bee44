package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.Xattr;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A tree made by hand. Nodes keep their names in the order they were given. */
public class MemoryTree implements TreeSource {
    public static final int CHUNK_BITS = 22;

    /** An inode of the tree. */
    public static final class Node {
        public final long key;
        public int mode;
        public long inode;
        public long uid;
        public long gid;
        public int rdev;
        public long size;
        public long mtimeSeconds = 1_700_000_000L;
        public int mtimeNanos;
        public final Map<String, byte[]> xattrs = new HashMap<>();
        public final List<Map.Entry<byte[], Node>> children = new ArrayList<>();
        public byte @Nullable [] target;
        public @Nullable ChunkList chunks;

        private Node(long key, int mode) {
            this.key = key;
            this.mode = mode;
        }

        public Node xattr(String name, String value) {
            xattrs.put(name, value.getBytes(StandardCharsets.UTF_8));
            return this;
        }
    }

    private final Map<Long, Node> nodes = new HashMap<>();
    public final Node root;

    @SuppressWarnings("this-escape") // node() only fills the map
    public MemoryTree() {
        root = node(0x4000 | 0755);
    }

    public Node node(int mode) {
        Node node = new Node(nodes.size() * 7919L + 1, mode);
        nodes.put(node.key, node);
        return node;
    }

    public Node directory(Node parent, String name) {
        return link(parent, name, node(0x4000 | 0755));
    }

    /** A file of the given size whose chunks lie in a row from a block of device 1. */
    public Node file(Node parent, String name, long size, long firstBlock) {
        Node node = node(0x8000 | 0644);
        node.size = size;
        if (size > 0) {
            long[] blocks = new long[(int) (((size - 1) >> CHUNK_BITS) + 1)];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = firstBlock + ((long) i << (CHUNK_BITS - 12));
            }
            node.chunks = new ChunkList(CHUNK_BITS, 1, blocks);
        }
        return link(parent, name, node);
    }

    public Node symlink(Node parent, String name, String target) {
        Node node = node(0xA000 | 0777);
        node.target = target.getBytes(StandardCharsets.UTF_8);
        node.size = node.target.length;
        return link(parent, name, node);
    }

    public Node whiteout(Node parent, String name) {
        return link(parent, name, node(0x2000));
    }

    public Node link(Node parent, String name, Node node) {
        return link(parent, name.getBytes(StandardCharsets.ISO_8859_1), node);
    }

    public Node link(Node parent, byte[] name, Node node) {
        parent.children.add(Map.entry(name, node));
        return node;
    }

    private Node get(long key) {
        return Objects.requireNonNull(nodes.get(key));
    }

    @Override
    public long rootKey() {
        return root.key;
    }

    @Override
    public void children(long directoryKey, ChildSink sink) throws IOException {
        for (Map.Entry<byte[], Node> child : get(directoryKey).children) {
            sink.child(child.getKey(), child.getValue().key);
        }
    }

    @Override
    public InodeAttributes attributes(long key) {
        Node node = get(key);
        return new InodeAttributes(
                node.inode,
                node.mode,
                node.uid,
                node.gid,
                node.size,
                node.rdev,
                node.mtimeSeconds,
                node.mtimeNanos);
    }

    @Override
    public List<Xattr> xattrs(long key) {
        List<Xattr> xattrs = new ArrayList<>();
        get(key).xattrs
                .forEach((name, value) ->
                        xattrs.add(new Xattr(name.getBytes(StandardCharsets.UTF_8), value)));
        return xattrs;
    }

    @Override
    public byte[] symlinkTarget(long key) {
        return Objects.requireNonNull(get(key).target);
    }

    @Override
    public ChunkList chunks(long key) {
        return Objects.requireNonNull(get(key).chunks);
    }
}

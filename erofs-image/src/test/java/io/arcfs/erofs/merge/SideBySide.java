package io.arcfs.erofs.merge;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.write.InodeAttributes;
import io.arcfs.erofs.write.MemoryTree;
import io.arcfs.erofs.write.TreeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Trees as directories L0, L1, ... of one tree. */
final class SideBySide implements TreeSource {
    private static final int SHIFT = 48;

    private final List<MemoryTree> trees;

    SideBySide(List<MemoryTree> trees) {
        this.trees = trees;
    }

    @Override
    public long rootKey() {
        return 0;
    }

    @Override
    public void children(long directoryKey, ChildSink sink) throws IOException {
        if (directoryKey == 0) {
            for (int i = 0; i < trees.size(); i++) {
                byte[] name = ("L" + i).getBytes(StandardCharsets.US_ASCII);
                sink.child(name, key(i + 1, trees.get(i).rootKey()));
            }
            return;
        }
        tree(directoryKey)
                .children(
                        own(directoryKey),
                        (name, key) -> sink.child(name, key((int) (directoryKey >>> SHIFT), key)));
    }

    @Override
    public InodeAttributes attributes(long key) {
        return key == 0
                ? new InodeAttributes(0, 0x4000 | 0755, 0, 0, 0, 0, 0, 0)
                : tree(key).attributes(own(key));
    }

    @Override
    public List<Xattr> xattrs(long key) {
        return key == 0 ? List.of() : tree(key).xattrs(own(key));
    }

    @Override
    public byte[] symlinkTarget(long key) {
        return tree(key).symlinkTarget(own(key));
    }

    @Override
    public ChunkList chunks(long key) {
        return tree(key).chunks(own(key));
    }

    private MemoryTree tree(long key) {
        return trees.get((int) (key >>> SHIFT) - 1);
    }

    private static long own(long key) {
        return key & ((1L << SHIFT) - 1);
    }

    private static long key(int tree, long own) {
        return (long) tree << SHIFT | own;
    }
}

package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.Xattr;
import java.io.IOException;
import java.util.List;

/**
 * Empty files in one directory, kept nowhere.
 *
 * @param step 0: the names come in order; else a number that has no divisor in common with the
 *     count
 */
public record GeneratedTree(int count, int step) implements TreeSource {
    static final int NAME_BYTES = 8;

    /** The name at a position of the sorted directory. */
    public static byte[] name(int number) {
        byte[] name = new byte[NAME_BYTES];
        name[0] = 'n';
        for (int i = NAME_BYTES - 1; i > 0; i--) {
            name[i] = (byte) ('0' + number % 10);
            number /= 10;
        }
        return name;
    }

    @Override
    public long rootKey() {
        return -1;
    }

    @Override
    public void children(long directoryKey, ChildSink sink) throws IOException {
        long number = 0;
        for (int i = 0; i < count; i++) {
            int next = step == 0 ? i : (int) number;
            sink.child(name(next), next);
            number = (number + step) % count;
        }
    }

    @Override
    public InodeAttributes attributes(long key) {
        int mode = key < 0 ? 0x4000 | 0755 : 0x8000 | 0644;
        return new InodeAttributes(0, mode, 1, 1, 0, 0, 1_000_000 + key, 5);
    }

    @Override
    public List<Xattr> xattrs(long key) {
        return List.of();
    }

    @Override
    public byte[] symlinkTarget(long key) {
        throw new IllegalArgumentException("no symlink");
    }

    @Override
    public ChunkList chunks(long key) {
        throw new IllegalArgumentException("no data");
    }
}

package io.arcfs.recovery.rebuild;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Inodes of an image that are no directories, and the bytes of its files. */
record ImageCount(long files, long dataBytes) {
    static ImageCount of(ErofsImage image) throws IOException {
        long[] count = new long[2];
        Set<Long> linked = new HashSet<>();
        Deque<Long> directories = new ArrayDeque<>();
        directories.add(image.rootNid());
        while (!directories.isEmpty()) {
            image.list(
                    directories.remove(),
                    (_, nid, _) -> {
                        Inode inode = image.inode(nid);
                        if (inode.isDirectory()) {
                            directories.add(nid);
                        } else if (inode.nlink() == 1 || linked.add(nid)) {
                            count[0]++;
                            count[1] += inode.isRegular() ? inode.size() : 0;
                        }
                    });
        }
        return new ImageCount(count[0], count[1]);
    }
}

package io.arcfs.erofs.merge;

import io.arcfs.erofs.DirectoryCursor;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Whether an image holds blocks of files itself. Stateless. */
final class InnerData {
    private InnerData() {}

    /** Looks until it finds one; bytes that stand behind their inode do not count. */
    static boolean isIn(ErofsImage image) throws IOException {
        Deque<Long> directories = new ArrayDeque<>();
        Set<Long> seen = new HashSet<>();
        directories.add(image.rootNid());
        seen.add(image.rootNid());
        while (!directories.isEmpty()) {
            DirectoryCursor cursor = image.cursor(directories.remove());
            while (cursor.next()) {
                Inode inode = image.inode(cursor.nid());
                if (inode.isDirectory()) {
                    if (seen.add(inode.nid())) {
                        directories.add(inode.nid());
                    }
                } else if (inode.isRegular() && hasBlocks(image, inode)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasBlocks(ErofsImage image, Inode inode) throws IOException {
        if (inode.layout().isCompressed()) {
            return false; // refused later, if it is visible
        }
        return switch (inode.layout()) {
            case FLAT_INLINE -> inode.size() > image.superBlock().blockSizeBytes();
            case FLAT_PLAIN ->
                    inode.size() > 0 && image.extentAt(inode.nid(), 0) instanceof Extent.Mapped;
            case CHUNK_BASED -> inode.size() > 0 && image.chunks(inode.nid()).hasData();
            case COMPRESSED_FULL, COMPRESSED_COMPACT -> false;
        };
    }
}

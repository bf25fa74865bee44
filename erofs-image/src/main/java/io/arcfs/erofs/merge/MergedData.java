package io.arcfs.erofs.merge;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.CorruptImageException;
import io.arcfs.erofs.DataLayout;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.write.FileData;
import java.io.IOException;

/**
 * Where a merged file's bytes are: where they were, by the devices' new numbers. Bytes that stand
 * behind their inode are copied, for they are on no device. Confined to one thread.
 */
final class MergedData {
    private final Layers layers;
    private final DeviceTable devices;

    MergedData(Layers layers, DeviceTable devices) {
        this.layers = layers;
        this.devices = devices;
    }

    FileData of(long part) throws IOException {
        ErofsImage image = layers.imageOf(part);
        if (image.inode(Layers.nid(part)).layout() != DataLayout.FLAT_INLINE) {
            return new FileData.Chunks(chunks(part));
        }
        return inline(part, image, image.inode(Layers.nid(part)));
    }

    ChunkList chunks(long part) throws IOException {
        int layer = Layers.layer(part);
        ChunkList chunks = layers.image(layer).chunks(Layers.nid(part));
        if (!chunks.hasData()) {
            return new ChunkList(chunks.chunkBits(), 0, chunks.blocks());
        }
        int shift = layers.blockShift(layer);
        long[] blocks = chunks.blocks();
        if (shift > 0) {
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = blocks[i] == ChunkList.HOLE ? ChunkList.HOLE : blocks[i] << shift;
            }
        }
        return new ChunkList(chunks.chunkBits(), devices.idOf(layer, chunks.deviceId()), blocks);
    }

    private FileData inline(long part, ErofsImage image, Inode inode) throws IOException {
        int layer = Layers.layer(part);
        FileData.Bytes bytes = (offset, target) -> image.readInner(inode.nid(), offset, target);
        long blockSize = image.superBlock().blockSizeBytes();
        long body = (inode.size() - 1) / blockSize * blockSize;
        if (body == 0) {
            return new FileData.Within(bytes);
        }
        Extent extent = image.extentAt(inode.nid(), 0);
        boolean longTail = layers.blockShift(layer) > 0 || inode.size() % blockSize == 0;
        if (longTail && isInImage(extent)) {
            // Its end is a block, or longer than one of the smaller blocks: all of it is copied.
            return new FileData.Within(bytes);
        }
        if (!(extent instanceof Extent.Mapped(int device, long address, long length))
                || length < body
                || longTail) {
            throw new CorruptImageException(
                    image.inodeOffset(inode.nid()),
                    "blocks of a file that are not in a row (%s)".formatted(image.name()));
        }
        return new FileData.Tailed(
                devices.idOf(layer, device), address >> layers.blockBits(), bytes);
    }

    private static boolean isInImage(Extent extent) {
        return extent instanceof Extent.Mapped(int device, _, _) && device == 0;
    }
}

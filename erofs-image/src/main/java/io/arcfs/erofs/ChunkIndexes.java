package io.arcfs.erofs;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The chunk map of one file as it stands in the image. Thread-safe. */
public final class ChunkIndexes {
    private final ImageBytes image;
    private final DataMap.ChunkMap map;

    ChunkIndexes(ImageBytes image, DataMap.ChunkMap map) {
        this.image = image;
        this.map = map;
    }

    public long count() {
        return map.count();
    }

    /** Where the first entry stands in the image. */
    public long offsetBytes() {
        return map.offset();
    }

    /** Whether entries have 8 bytes, with a device id; else 4, an address alone. */
    public boolean namesDevices() {
        return map.hasIndexes();
    }

    /** Whether addresses have 48 bits. */
    public boolean isWide() {
        return map.isWide();
    }

    /** Where a chunk lies, its length rounded to a block. */
    public Extent chunk(long index) throws CorruptImageException {
        try {
            return image.settled(
                    map.isHole(index) ? new Extent.Hole(map.stored(index)) : map.chunk(index));
        } catch (InternalError e) {
            throw image.vanished(e);
        }
    }

    /** The entries' bytes. */
    public ByteBuffer copy() throws IOException {
        long length = map.end() - map.offset();
        if (length > Integer.MAX_VALUE) {
            throw new UnsupportedImageException("a chunk map of " + length + " bytes");
        }
        try {
            return image.settled(ByteBuffer.wrap(image.copy(map.offset(), (int) length)));
        } catch (InternalError e) {
            throw image.vanished(e);
        }
    }
}

package io.arcfs.tier.local;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.ObjectTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.List;

/**
 * Closes containers: reads back everything that was written, checking each block, and makes the
 * footer of what it read. Thread-safe.
 */
final class ContainerCloser {
    private final SlotContext context;
    private final BufferPool objectBuffers;

    ContainerCloser(SlotContext context, BufferPool objectBuffers) {
        this.context = context;
        this.objectBuffers = objectBuffers;
    }

    /** Returns whether the container was open until now. */
    boolean close(ContainerSlot slot, long usedBytes, List<ImageRecord> images, byte[] descriptor)
            throws IOException {
        if (!slot.beginClose()) {
            return false;
        }
        try {
            slot.flush();
            slot.finishClose(footerOf(slot, usedBytes, images, descriptor));
            return true;
        } finally {
            slot.endClose();
        }
    }

    private Footer footerOf(
            ContainerSlot slot, long usedBytes, List<ImageRecord> images, byte[] descriptor)
            throws IOException {
        Geometry geometry = context.geometry();
        int[] crcs = new int[ObjectTable.count(geometry, usedBytes)];
        ObjectTable shape = ObjectTable.of(geometry, usedBytes, crcs);
        MessageDigest sha256 = Checksums.sha256();
        MemorySegment buffer = objectBuffers.take();
        try {
            for (int object = 0; object < crcs.length; object++) {
                MemorySegment bytes = buffer.asSlice(0, shape.length(object));
                slot.readStaged(shape.offset(object), bytes);
                crcs[object] = Checksums.crc32c(bytes);
                sha256.update(bytes.asByteBuffer());
            }
        } finally {
            objectBuffers.give(buffer);
        }
        return new Footer(
                context.volume(),
                geometry,
                slot.id(),
                usedBytes,
                ObjectTable.of(geometry, usedBytes, crcs),
                sha256.digest(),
                descriptor.clone(),
                List.copyOf(images));
    }
}

package io.arcfs.tier.ssd;

import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.ObjectTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes block checksums anew where the footer vouches for the bytes: an object whose CRC32C is that
 * of the container's object table is right, whatever its blocks' checksums say. Immutable.
 */
public final class ChecksumRepair {
    private static final Logger LOG = LoggerFactory.getLogger(ChecksumRepair.class);

    private ChecksumRepair() {}

    /** Returns whether the object's bytes are right; if so, its blocks have fitting checksums. */
    public static boolean repair(CacheFile cache, ObjectTable objects, int object)
            throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[objects.length(object)]);
        int got = cache.readUnchecked(objects.offset(object), bytes);
        if (got < bytes.byteSize() || Checksums.crc32c(bytes) != objects.crc(object)) {
            return false;
        }
        cache.adopt(object, objects.offset(object), bytes);
        return true;
    }

    /** Repairs every object that can be. */
    static void repairAll(CacheFile cache, ObjectTable objects) throws IOException {
        for (int object = 0; object < objects.count(); object++) {
            if (!repair(cache, objects, object)) {
                LOG.warn("{}: object {} does not fit the footer", cache, object);
            }
        }
    }
}

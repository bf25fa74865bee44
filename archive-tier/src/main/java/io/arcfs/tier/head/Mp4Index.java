package io.arcfs.tier.head;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an ISO base media file (mp4, mov, m4a, heic) has its index: the {@code moov} or {@code
 * meta} box, before or behind the media (ISO/IEC 14496-12, section 4.2). Stateless.
 */
final class Mp4Index {
    private static final int MOST_BOXES = 1000;
    private static final int MOOV = 0x6d6f6f76;
    private static final int META = 0x6d657461;
    private static final int MFRA = 0x6d667261;
    private static final int SIDX = 0x73696478;

    private Mp4Index() {}

    static List<FileRange> of(FileBytes file, long cap) throws IOException {
        List<FileRange> ranges = new ArrayList<>();
        long size = file.size();
        long at = 0;
        for (int boxes = 0; boxes < MOST_BOXES && at < size; boxes++) {
            byte[] bytes = file.bytes(at, 16);
            if (bytes.length < 8) {
                break;
            }
            ByteBuffer header = ByteBuffer.wrap(bytes);
            long length = Integer.toUnsignedLong(header.getInt());
            int type = header.getInt();
            if (length == 1 && bytes.length == 16) {
                length = header.getLong();
            } else if (length == 0) {
                length = size - at; // to the end of the file
            }
            if (length < 8 || length > size - at) {
                length = size - at; // cut off, or no box at all
            }
            switch (type) {
                case MOOV, META, MFRA, SIDX ->
                        // Players read its own length, and the kernel a window behind it.
                        ranges.add(
                                FileRange.index(
                                        at,
                                        at + Math.min(length, cap) + 2 * FileHeads.READ_AHEAD,
                                        size));
                default ->
                        // The header of a box that is passed over; those of media are far apart.
                        ranges.add(FileRange.index(at, at + 16, size));
            }
            at += length;
        }
        return ranges;
    }
}

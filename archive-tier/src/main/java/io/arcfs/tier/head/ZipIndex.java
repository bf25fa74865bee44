package io.arcfs.tier.head;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Where a zip file (also jar, docx, odt, epub) has its directory: its end record says so (APPNOTE
 * 6.3.10, sections 4.3.14 to 4.3.16). Stateless.
 */
final class ZipIndex {
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR = 0x07064b50;
    private static final int LOCATOR_BYTES = 20;
    private static final int END64 = 0x06064b50;
    private static final int END64_BYTES = 56;

    private ZipIndex() {}

    static List<FileRange> of(FileBytes file, long cap) throws IOException {
        long size = file.size();
        int searched = (int) Math.min(size, END_BYTES + 0xffff);
        long from = size - searched;
        ByteBuffer tail = little(file.bytes(from, searched));
        for (int at = searched - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END) {
                long directory = Integer.toUnsignedLong(tail.getInt(at + 16));
                if (directory == 0xffff_ffffL) {
                    directory = directory64(file, from + at);
                }
                if (directory < 0 || directory > size) {
                    return List.of();
                }
                // From the directory to the end of the file, where readers begin.
                return size - directory <= cap
                        ? List.of(FileRange.index(directory, size, size))
                        : List.of(FileRange.index(directory, directory + cap, size));
            }
        }
        return List.of();
    }

    private static long directory64(FileBytes file, long end) throws IOException {
        if (end < LOCATOR_BYTES) {
            return -1;
        }
        ByteBuffer locator = little(file.bytes(end - LOCATOR_BYTES, LOCATOR_BYTES));
        if (locator.limit() < LOCATOR_BYTES || locator.getInt(0) != LOCATOR) {
            return -1;
        }
        long record = locator.getLong(8);
        if (record < 0 || record > file.size() - END64_BYTES) {
            return -1;
        }
        ByteBuffer end64 = little(file.bytes(record, END64_BYTES));
        return end64.getInt(0) == END64 ? end64.getLong(48) : -1;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

package io.arcfs.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * {@code struct linux_dirent64} as getdents64 fills a buffer with it, the same on every CPU.
 *
 * <pre>
 *   0 d_ino u64   8 d_off s64   16 d_reclen u16   18 d_type u8   19 d_name, ends with NUL
 * </pre>
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/v6.12/include/linux/dirent.h">linux/dirent.h</a>
 */
final class DirentLayout {
    private static final long RECLEN_OFFSET = 16;
    private static final long NAME_OFFSET = 19;

    private DirentLayout() {}

    static void forEachName(MemorySegment records, PosixFile.DirentConsumer names) {
        long at = 0;
        while (at < records.byteSize()) {
            int recordBytes =
                    Short.toUnsignedInt(records.get(JAVA_SHORT_UNALIGNED, at + RECLEN_OFFSET));
            byte[] name = nameOf(records.asSlice(at, recordBytes));
            if (!isSelfOrParent(name)) {
                names.accept(name);
            }
            at += recordBytes;
        }
    }

    private static byte[] nameOf(MemorySegment record) {
        long end = NAME_OFFSET;
        while (record.get(JAVA_BYTE, end) != 0) {
            end++;
        }
        return record.asSlice(NAME_OFFSET, end - NAME_OFFSET).toArray(JAVA_BYTE);
    }

    private static boolean isSelfOrParent(byte[] name) {
        return (name.length == 1 && name[0] == '.')
                || (name.length == 2 && name[0] == '.' && name[1] == '.');
    }
}

package io.arcfs.tier.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Tells a log of RocksDB that a dead process tore from one that was damaged: a torn one has no
 * whole record behind the first that is not. RocksDB itself takes a damaged length for a torn end.
 *
 * <pre>
 * Log    -> blocks of 32 KiB; no record begins in the last 6 bytes of one
 * Record -> Crc32c u32 (masked; of type and payload), Length u16, Type u8 (1 to 4), payload
 * </pre>
 *
 * Little-endian. Stateless.
 *
 * @see <a href="https://github.com/facebook/rocksdb/blob/v8.0.0/db/log_format.h">log_format.h</a>
 */
public final class LogScan {
    private static final int BLOCK = 32 << 10;
    private static final int HEADER = 7;
    private static final int MASK_DELTA = 0xa282ead8;
    private static final long MOST_BYTES = 1L << 30;

    private LogScan() {}

    /** Whether every log of the database is whole but for a torn end. */
    public static boolean areWholeButForTheirEnd(Path directory) throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "*.log")) {
            for (Path log : logs) {
                if (Files.size(log) > MOST_BYTES
                        || !isWholeButForItsEnd(ByteBuffer.wrap(Files.readAllBytes(log)))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether no whole record lies behind the first that is not. */
    public static boolean isWholeButForItsEnd(ByteBuffer log) {
        log.order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at + HEADER <= log.limit()) {
            int left = BLOCK - at % BLOCK;
            if (left < HEADER) {
                at += left;
            } else if (isRecord(log, at)) {
                at += HEADER + (log.getShort(at + 4) & 0xFFFF);
            } else {
                return !anyRecordBehind(log, at);
            }
        }
        return true;
    }

    private static boolean anyRecordBehind(ByteBuffer log, int bad) {
        for (int at = bad + 1; at + HEADER <= log.limit(); at++) {
            if (isRecord(log, at)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isRecord(ByteBuffer log, int at) {
        int type = log.get(at + 6);
        int length = log.getShort(at + 4) & 0xFFFF;
        if (type < 1
                || type > 4
                || at % BLOCK + HEADER + length > BLOCK
                || at + HEADER + length > log.limit()) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(log.slice(at + 6, 1 + length));
        int value = (int) crc.getValue();
        int masked = ((value >>> 15) | (value << 17)) + MASK_DELTA;
        return masked == log.getInt(at);
    }
}

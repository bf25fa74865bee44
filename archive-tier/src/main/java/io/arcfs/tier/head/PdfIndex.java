package io.arcfs.tier.head;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a PDF has its cross-reference tables: {@code startxref} at the end names the last, each
 * trailer the one before (ISO 32000-1, sections 7.5.4 to 7.5.8). Stateless.
 */
final class PdfIndex {
    private static final int TAIL_BYTES = 2048;
    private static final int SECTION_BYTES = 64 << 10;
    private static final int MOST_SECTIONS = 8;
    private static final Pattern START = Pattern.compile("startxref\\s+(\\d{1,18})");
    private static final Pattern PREVIOUS = Pattern.compile("/Prev\\s+(\\d{1,18})");
    private static final Pattern TABLE = Pattern.compile("xref\\s+\\d{1,9}\\s+(\\d{1,9})");
    private static final int ENTRY_BYTES = 20;

    private PdfIndex() {}

    static List<FileRange> of(FileBytes file, long cap) throws IOException {
        long size = file.size();
        String tail = text(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
        Matcher start = START.matcher(tail);
        long at = -1;
        while (start.find()) {
            at = Long.parseLong(start.group(1));
        }
        List<FileRange> ranges = new ArrayList<>();
        for (int i = 0; i < MOST_SECTIONS && at > 0 && at < size; i++) {
            String section = text(file, at, SECTION_BYTES);
            Matcher table = TABLE.matcher(section);
            long entries = table.lookingAt() ? Long.parseLong(table.group(1)) * ENTRY_BYTES : 0;
            long length = Math.min(entries + SECTION_BYTES, cap);
            ranges.add(FileRange.index(at, at + length + FileHeads.READ_AHEAD, size));
            Matcher previous = PREVIOUS.matcher(section);
            if (entries > SECTION_BYTES) {
                previous = PREVIOUS.matcher(text(file, at + entries, SECTION_BYTES));
            }
            long before = previous.find() ? Long.parseLong(previous.group(1)) : -1;
            at = before == at ? -1 : before;
        }
        return ranges;
    }

    private static String text(FileBytes file, long at, int most) throws IOException {
        return new String(file.bytes(at, most), StandardCharsets.ISO_8859_1);
    }
}

package io.arcfs.cli.status;

import io.arcfs.cli.console.Paint;
import java.util.ArrayList;
import java.util.List;

/**
 * Columns as wide as their widest cell: the first to the left, the others to the right. Confined to
 * one thread.
 */
public final class TextTable {
    private final List<String[]> rows = new ArrayList<>();

    public TextTable(String... heading) {
        rows.add(heading);
    }

    public void row(String... cells) {
        cells[0] = "  " + cells[0];
        rows.add(cells);
    }

    public void print(StringBuilder out, Paint paint) {
        out.append('\n');
        int[] width = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < width.length; i++) {
                width[i] = Math.max(width[i], row[i].length());
            }
        }
        for (int r = 0; r < rows.size(); r++) {
            String[] row = rows.get(r);
            out.append(r == 0 ? paint.heading(row[0]) : row[0]);
            out.append(" ".repeat(width[0] - row[0].length()));
            for (int i = 1; i < width.length; i++) {
                out.append("   ").append(" ".repeat(width[i] - row[i].length()));
                out.append(painted(row[i], paint));
            }
            out.append('\n');
        }
        if (rows.size() == 1) {
            out.append("  none\n");
        }
    }

    /** States stand for themselves; every other word is left as it is. */
    private static String painted(String cell, Paint paint) {
        return switch (cell) {
            case "ok" -> paint.good(cell);
            case "degraded", "offline" -> paint.bad(cell);
            default -> cell;
        };
    }
}

package io.arcfs.tier.head;

import io.arcfs.tier.HeadExtent.Kind;
import io.arcfs.tier.HeadSettings;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what programs read of a file before they really read it: its beginning, its end, and the
 * index that its format has somewhere. Which format it is, the bytes say, not the name; a file that
 * only looks like one is kept a little more of than it deserves. Immutable.
 */
public final class FileHeads {
    private static final int MAGIC_BYTES = 12;

    /**
     * The kernel reads ahead in windows of that size. Up to two of them lie behind what a program
     * asked for: the one it is in, and the next.
     */
    static final long READ_AHEAD = 128 << 10;

    private final HeadSettings settings;
    private final List<Named> patterns = new ArrayList<>();

    private record Named(PathMatcher matcher, HeadSettings.NamePattern pattern) {}

    public FileHeads(HeadSettings settings) {
        this.settings = settings;
        for (HeadSettings.NamePattern pattern : settings.patterns()) {
            patterns.add(
                    new Named(
                            FileSystems.getDefault().getPathMatcher("glob:" + pattern.glob()),
                            pattern));
        }
    }

    /** Whether the answer depends on the name. */
    public boolean wantsNames() {
        return !patterns.isEmpty();
    }

    /** Whether nothing is ever kept. */
    public boolean isNothing() {
        return settings.sharePercent() == 0;
    }

    /**
     * @param name last name of the path, empty if it is not known
     * @return ranges inside the file, none of them empty
     */
    public List<FileRange> of(String name, FileBytes file) throws IOException {
        long size = file.size();
        HeadSettings.NamePattern own = patternOf(name);
        long head = own == null ? settings.headBytes() : own.headBytes();
        long tail = own == null ? settings.tailBytes() : own.tailBytes();
        List<FileRange> ranges = new ArrayList<>();
        long ahead = head == 0 ? 0 : head + 2 * READ_AHEAD;
        ranges.add(new FileRange(0, Math.min(ahead, size), Kind.HEAD));
        ranges.add(FileRange.index(size - Math.min(tail, size), size, size));
        if (settings.indexBytes() > 0) {
            ranges.addAll(index(file));
        }
        ranges.removeIf(range -> range.length() <= 0);
        return ranges;
    }

    private HeadSettings.@Nullable NamePattern patternOf(String name) {
        if (patterns.isEmpty() || name.isEmpty()) {
            return null;
        }
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            return null; // bytes that are no text: no pattern means them
        }
        return patterns.stream()
                .filter(named -> named.matcher.matches(path))
                .map(Named::pattern)
                .findFirst()
                .orElse(null);
    }

    private List<FileRange> index(FileBytes file) throws IOException {
        byte[] magic = file.bytes(0, MAGIC_BYTES);
        long cap = settings.indexBytes();
        if (startsWith(magic, 4, 'f', 't', 'y', 'p') || startsWith(magic, 4, 'm', 'o', 'o', 'v')) {
            return Mp4Index.of(file, cap);
        }
        if (startsWith(magic, 0, 0x1A, 0x45, 0xDF, 0xA3)) {
            return MatroskaIndex.of(file, cap);
        }
        if (startsWith(magic, 0, 'P', 'K', 3, 4)) {
            return ZipIndex.of(file, cap);
        }
        if (startsWith(magic, 0, '%', 'P', 'D', 'F')) {
            return PdfIndex.of(file, cap);
        }
        return List.of();
    }

    private static boolean startsWith(byte[] bytes, int at, int... wanted) {
        if (bytes.length < at + wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if ((bytes[at + i] & 0xff) != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}

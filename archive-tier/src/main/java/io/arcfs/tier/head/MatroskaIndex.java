package io.arcfs.tier.head;

import io.arcfs.tier.HeadExtent.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a Matroska or WebM file has what a player reads at first: 576 KiB at its beginning, and the
 * elements that its SeekHead names: cues, tags, chapters, attachments (RFC 9559, sections 5.1.1 and
 * 5.1.5). Stateless.
 */
final class MatroskaIndex {
    private static final long HEAD_BYTES = 576 << 10;
    private static final int SEARCHED_BYTES = 256 << 10;
    private static final int MOST_ELEMENTS = 64;
    private static final long SEGMENT = 0x18538067L;
    private static final long SEEK_HEAD = 0x114D9B74L;
    private static final long SEEK = 0x4DBB;
    private static final long SEEK_ID = 0x53AB;
    private static final long SEEK_POSITION = 0x53AC;
    private static final long CLUSTER = 0x1F43B675L;

    private final FileBytes file;
    private final long cap;
    private final List<FileRange> ranges = new ArrayList<>();

    private MatroskaIndex(FileBytes file, long cap) {
        this.file = file;
        this.cap = cap;
    }

    /** An element's id, where its content begins, and how long that is; -1: not said. */
    private record Element(long id, long content, long length) {
        long end(long most) {
            return length < 0 || length > most - content ? most : content + length;
        }
    }

    static List<FileRange> of(FileBytes file, long cap) throws IOException {
        MatroskaIndex index = new MatroskaIndex(file, cap);
        long head = HEAD_BYTES + 2 * FileHeads.READ_AHEAD;
        index.ranges.add(new FileRange(0, Math.min(head, file.size()), Kind.HEAD));
        index.search();
        return index.ranges;
    }

    private void search() throws IOException {
        Element header = element(0);
        Element segment = header == null ? null : element(header.end(file.size()));
        if (segment == null || segment.id() != SEGMENT) {
            return;
        }
        long at = segment.content();
        for (int i = 0; i < MOST_ELEMENTS && at < SEARCHED_BYTES; i++) {
            Element child = element(at);
            if (child == null || child.id() == CLUSTER || child.length() < 0) {
                return;
            }
            if (child.id() == SEEK_HEAD) {
                seekHead(child, segment.content());
            }
            at = child.end(file.size());
        }
    }

    private void seekHead(Element seekHead, long origin) throws IOException {
        long at = seekHead.content();
        for (int i = 0; i < MOST_ELEMENTS && at < seekHead.end(file.size()); i++) {
            Element seek = element(at);
            if (seek == null) {
                return;
            }
            if (seek.id() == SEEK) {
                seek(seek, origin);
            }
            at = seek.end(file.size());
        }
    }

    private void seek(Element seek, long origin) throws IOException {
        long id = 0;
        long position = -1;
        long at = seek.content();
        for (int i = 0; i < MOST_ELEMENTS && at < seek.end(file.size()); i++) {
            Element part = element(at);
            if (part == null) {
                return;
            }
            if (part.id() == SEEK_ID) {
                id = number(part);
            } else if (part.id() == SEEK_POSITION) {
                position = number(part);
            }
            at = part.end(file.size());
        }
        if (id == CLUSTER || position < 0 || position > file.size() - origin) {
            return;
        }
        Element target = element(origin + position);
        if (target != null && target.id() == id) {
            long end = target.end(Math.min(file.size(), target.content() + cap));
            ranges.add(
                    FileRange.index(
                            origin + position, end + 2 * FileHeads.READ_AHEAD, file.size()));
        }
    }

    private long number(Element element) throws IOException {
        long value = 0;
        int length = Math.clamp(element.length(), 0, 8);
        for (byte b : file.bytes(element.content(), length)) {
            value = (value << 8) | (b & 0xff);
        }
        return value;
    }

    /** The element that begins there, or null. */
    private @Nullable Element element(long at) throws IOException {
        byte[] bytes = at < 0 || at >= file.size() ? new byte[0] : file.bytes(at, 12);
        if (bytes.length < 2) {
            return null;
        }
        int idBytes = Integer.numberOfLeadingZeros(bytes[0] & 0xff) - 23;
        if (idBytes > 4 || idBytes >= bytes.length) {
            return null;
        }
        long id = 0;
        for (int i = 0; i < idBytes; i++) {
            id = (id << 8) | (bytes[i] & 0xff);
        }
        int lengthBytes = Integer.numberOfLeadingZeros(bytes[idBytes] & 0xff) - 23;
        if (lengthBytes > 8 || idBytes + lengthBytes > bytes.length) {
            return null;
        }
        long length = bytes[idBytes] & (0xff >> lengthBytes);
        boolean unknown = length == (0xff >> lengthBytes);
        for (int i = 1; i < lengthBytes; i++) {
            int next = bytes[idBytes + i] & 0xff;
            unknown &= next == 0xff;
            length = (length << 8) | next;
        }
        return new Element(id, at + idBytes + lengthBytes, unknown ? -1 : length);
    }
}

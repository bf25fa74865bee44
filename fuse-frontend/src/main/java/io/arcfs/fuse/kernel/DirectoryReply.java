package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.OpenDirectory.EntrySink;
import io.arcfs.overlay.OpenDirectory.ListedEntry;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Fills a payload with directory entries ({@code fuse_dirent}, {@code fuse_direntplus}). Confined
 * to its reader.
 */
final class DirectoryReply implements EntrySink {
    /** {@code fuse_dirent} up to its name. */
    private static final int DIRENT_BYTES = 24;

    private static final int TYPE_SHIFT = 12;
    private static final int ALIGNMENT = 8;

    private final FileSystem fileSystem;
    private final Reply reply;
    private final MemorySegment memory;

    private long directory;
    private boolean plus;
    private int limitBytes;
    private int usedBytes;

    DirectoryReply(Session session, Buffers buffers) {
        this.fileSystem = session.fileSystem;
        this.reply = new Reply(buffers, session.nodeIds, session.unanswered);
        this.memory = buffers.memory;
    }

    /**
     * @param withAttributes each entry is a lookup, too, and takes its reference
     */
    void begin(long ofDirectory, boolean withAttributes, int bytes) {
        directory = ofDirectory;
        plus = withAttributes;
        limitBytes = Math.min(bytes, Buffers.PAYLOAD_BYTES);
        usedBytes = 0;
    }

    int usedBytes() {
        return usedBytes;
    }

    @Override
    public boolean entry(byte[] name, long inode, int type, long nextCookie) throws FsException {
        return entry(name, inode, type, nextCookie, () -> fileSystem.lookup(directory, name));
    }

    @Override
    public boolean entry(byte[] name, long inode, int type, long nextCookie, ListedEntry listed)
            throws FsException {
        int head = plus ? Reply.ENTRY_BYTES + DIRENT_BYTES : DIRENT_BYTES;
        int bytes = aligned(head + name.length);
        if (bytes > limitBytes - usedBytes) {
            return false; // before the lookup: what does not go out must hold no reference
        }
        long at = (long) Buffers.PAYLOAD_START + usedBytes;
        if (plus) {
            putEntry(at, name, listed);
            at += Reply.ENTRY_BYTES;
        }
        memory.set(JAVA_LONG, at, inode);
        memory.set(JAVA_LONG, at + 8, nextCookie);
        memory.set(JAVA_INT, at + 16, name.length);
        memory.set(JAVA_INT, at + 20, type >>> TYPE_SHIFT);
        MemorySegment.copy(name, 0, memory, JAVA_BYTE, at + DIRENT_BYTES, name.length);
        long end = at + DIRENT_BYTES + name.length;
        long next = (long) Buffers.PAYLOAD_START + usedBytes + bytes;
        for (long i = end; i < next; i++) {
            memory.set(JAVA_BYTE, i, (byte) 0);
        }
        usedBytes += bytes;
        return true;
    }

    /** "." and "..", and a name that went meanwhile, are entries without an inode. */
    private void putEntry(long at, byte[] name, ListedEntry listed) {
        Attributes found = isDots(name) ? null : found(listed);
        if (found == null) {
            memory.asSlice(at, Reply.ENTRY_BYTES).fill((byte) 0);
        } else {
            reply.putEntry(at, found);
        }
    }

    /** What cannot be looked up now is still listed; whoever needs more asks and hears why. */
    private static @Nullable Attributes found(ListedEntry listed) {
        try {
            return listed.lookup();
        } catch (FsException e) {
            return null;
        }
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }

    /** The kernel did not take the reply: gives back the references of its entries. */
    void takeBack() {
        if (!plus) {
            return;
        }
        int position = 0;
        while (position < usedBytes) {
            long at = (long) Buffers.PAYLOAD_START + position;
            long inode = NodeIds.inodeOf(memory.get(JAVA_LONG, at));
            if (inode != 0) {
                fileSystem.forget(inode, 1);
            }
            int nameBytes = memory.get(JAVA_INT, at + Reply.ENTRY_BYTES + 16);
            position += aligned(Reply.ENTRY_BYTES + DIRENT_BYTES + nameBytes);
        }
        usedBytes = 0;
    }

    private static int aligned(int bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }
}

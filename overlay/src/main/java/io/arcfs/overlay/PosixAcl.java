package io.arcfs.overlay;

import io.arcfs.overlay.FsException.Reason;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A POSIX access control list in the form of its xattr (version 2: u32 version; entries of u16 tag,
 * u16 permissions, u32 id, little-endian), and what the kernel makes of one. Immutable.
 */
public final class PosixAcl {
    private static final String PREFIX = "system.posix_acl_";
    private static final int VERSION = 2;
    private static final int ENTRY_BYTES = 8;

    private static final int USER_OBJ = 0x01;
    private static final int USER = 0x02;
    private static final int GROUP_OBJ = 0x04;
    private static final int GROUP = 0x08;
    private static final int MASK = 0x10;
    private static final int OTHER = 0x20;

    private static final int ALL = 07;
    private static final int PERMISSIONS = 0777;

    private final List<Entry> entries;

    private record Entry(int tag, int permissions, int id) {
        Entry with(int newPermissions) {
            return new Entry(tag, newPermissions, id);
        }
    }

    private PosixAcl(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** Name of the xattr that rules access to an inode. */
    public static byte[] accessName() {
        return (PREFIX + "access").getBytes(StandardCharsets.US_ASCII);
    }

    /** Name of the xattr that a directory hands down to what is made in it. */
    public static byte[] defaultName() {
        return (PREFIX + "default").getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads an ACL; null for one without entries, which means "none". INVALID if it is not one:
     * owner, named users, group, named groups, mask and other must stand in this order, a mask
     * where there are named entries.
     */
    public static @Nullable PosixAcl of(byte[] xattr) throws FsException {
        if (xattr.length == 0) {
            return null;
        }
        ByteBuffer view = ByteBuffer.wrap(xattr).order(ByteOrder.LITTLE_ENDIAN);
        List<Entry> entries = new ArrayList<>();
        try {
            int version = view.getInt();
            if (version != VERSION || view.remaining() % ENTRY_BYTES != 0) {
                throw invalid("version " + version + " in " + xattr.length + " bytes");
            }
            while (view.hasRemaining()) {
                entries.add(
                        new Entry(
                                view.getShort() & 0xFFFF, view.getShort() & 0xFFFF, view.getInt()));
            }
        } catch (BufferUnderflowException _) {
            // what it says is what the caller is told: the value is too short
            throw invalid(xattr.length + " bytes");
        }
        if (entries.isEmpty()) {
            return null;
        }
        requireValid(entries);
        return new PosixAcl(entries);
    }

    private static void requireValid(List<Entry> entries) throws FsException {
        int last = 0;
        int seen = 0;
        for (Entry entry : entries) {
            boolean known = Integer.bitCount(entry.tag) == 1 && entry.tag <= OTHER;
            boolean named = entry.tag == USER || entry.tag == GROUP;
            boolean ordered = entry.tag > last || (named && entry.tag == last);
            if (!known || !ordered || (entry.permissions & ~ALL) != 0) {
                throw invalid("entry of tag " + entry.tag);
            }
            last = entry.tag;
            seen |= entry.tag;
        }
        int always = USER_OBJ | GROUP_OBJ | OTHER;
        boolean lacksMask = (seen & (USER | GROUP)) != 0 && (seen & MASK) == 0;
        if ((seen & always) != always || lacksMask) {
            throw invalid("an entry is missing");
        }
    }

    private static FsException invalid(String what) {
        return new FsException(Reason.INVALID, "not a POSIX ACL: " + what);
    }

    public byte[] toBytes() {
        ByteBuffer view =
                ByteBuffer.allocate(4 + entries.size() * ENTRY_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(VERSION);
        for (Entry entry : entries) {
            view.putShort((short) entry.tag).putShort((short) entry.permissions).putInt(entry.id);
        }
        return view.array();
    }

    /** Whether permission bits say the same: no named entries and no mask. */
    public boolean isMode() {
        return entries.stream().allMatch(e -> (e.tag & (USER_OBJ | GROUP_OBJ | OTHER)) != 0);
    }

    /** Permission bits that go with this ACL; the group's are the mask's if there is one. */
    public int permissions() {
        int mode = 0;
        boolean masked = entries.stream().anyMatch(e -> e.tag == MASK);
        for (Entry entry : entries) {
            switch (entry.tag) {
                case USER_OBJ -> mode |= entry.permissions << 6;
                case GROUP_OBJ -> mode |= masked ? 0 : entry.permissions << 3;
                case MASK -> mode |= entry.permissions << 3;
                case OTHER -> mode |= entry.permissions;
                default -> {}
            }
        }
        return mode;
    }

    /** This ACL after a chmod. */
    public PosixAcl withPermissions(int mode) {
        return mapClasses((_, fromMode) -> fromMode, mode);
    }

    /** What a new inode gets of this default ACL: no class more than it was asked for. */
    public PosixAcl inheritedBy(int mode) {
        return mapClasses((own, fromMode) -> own & fromMode, mode);
    }

    /** Bits of {@code mode} that are left to a new inode under this ACL as its access ACL. */
    public int maskedMode(int mode) {
        return (mode & ~PERMISSIONS) | (mode & permissions());
    }

    private interface Choice {
        int of(int own, int fromMode);
    }

    /** Changes the entries that stand for the mode's three classes. */
    private PosixAcl mapClasses(Choice choice, int mode) {
        boolean masked = entries.stream().anyMatch(e -> e.tag == MASK);
        List<Entry> changed = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            boolean groupClass = entry.tag == (masked ? MASK : GROUP_OBJ);
            int shift = entry.tag == USER_OBJ ? 6 : groupClass ? 3 : entry.tag == OTHER ? 0 : -1;
            changed.add(
                    shift < 0
                            ? entry
                            : entry.with(choice.of(entry.permissions, mode >> shift & ALL)));
        }
        return new PosixAcl(changed);
    }
}

package io.arcfs.cli.image;

import io.arcfs.cli.ByteArguments;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;

/** Inodes of an image as lines for people. Stateless. */
public final class InodeText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final int MAX_EXTENTS = 1000;
    private static final int MAX_VALUE_BYTES = 256;

    private InodeText() {}

    /** As {@code ls -l} would show it. */
    public static String line(ErofsImage image, Inode inode, byte[] name) throws IOException {
        boolean device = type(inode) == 'b' || type(inode) == 'c';
        String size = device ? deviceNumber(inode) : Long.toUnsignedString(inode.size());
        String line =
                String.format(
                        Locale.ROOT,
                        "%s %3d %5d %5d %12s %s %s",
                        modeText(inode),
                        inode.nlink(),
                        inode.uid(),
                        inode.gid(),
                        size,
                        TIME.format(
                                Instant.ofEpochSecond(inode.mtimeSeconds())
                                        .atOffset(ZoneOffset.UTC)),
                        display(name));
        return inode.isSymlink() ? line + " -> " + display(image.symlinkTarget(inode.nid())) : line;
    }

    /** Everything the image says of an inode. */
    public static String details(ErofsImage image, Inode inode) throws IOException {
        StringBuilder out = new StringBuilder();
        field(out, "nid", Long.toString(inode.nid()));
        field(out, "inode", Long.toString(inode.number()));
        field(out, "mode", modeText(inode) + String.format(Locale.ROOT, " (%o)", inode.mode()));
        field(out, "size", Long.toUnsignedString(inode.size()));
        field(out, "links", Long.toString(inode.nlink()));
        field(out, "owner", inode.uid() + ":" + inode.gid());
        field(
                out,
                "modified",
                TIME.format(Instant.ofEpochSecond(inode.mtimeSeconds()).atOffset(ZoneOffset.UTC))
                        + String.format(Locale.ROOT, ".%09d UTC", inode.mtimeNanos()));
        field(out, "layout", inode.layout().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        if (type(inode) == 'b' || type(inode) == 'c') {
            field(out, "device", deviceNumber(inode));
        }
        if (inode.isSymlink()) {
            field(out, "target", display(image.symlinkTarget(inode.nid())));
        }
        for (Xattr xattr : image.xattrs(inode.nid())) {
            field(out, "xattr", display(xattr.name()) + " = " + value(xattr.value()));
        }
        if (inode.isRegular() && inode.size() > 0) {
            extents(out, image, inode);
        }
        return out.toString();
    }

    /** What the image says of itself. */
    public static String summary(ErofsImage image) {
        StringBuilder out = new StringBuilder();
        field(out, "image", SafeText.of(image.name()));
        field(out, "bytes", Long.toString(image.lengthBytes()));
        field(out, "block", Integer.toString(1 << image.superBlock().blockBits()));
        for (DeviceSlot slot : image.deviceSlots()) {
            field(out, "device", slot.toString());
        }
        return out.toString();
    }

    private static void extents(StringBuilder out, ErofsImage image, Inode inode)
            throws IOException {
        long offset = 0;
        for (int i = 0; offset < inode.size(); i++) {
            if (i == MAX_EXTENTS) {
                field(out, "extents", "more, not shown");
                return;
            }
            Extent extent = image.extentAt(inode.nid(), offset);
            String place =
                    switch (extent) {
                        case Extent.Hole _ -> "hole";
                        case Extent.Mapped(int device, long address, long _) ->
                                "device " + device + " at " + address;
                    };
            field(out, "extent", offset + " + " + extent.lengthBytes() + ": " + place);
            offset += extent.lengthBytes();
        }
    }

    private static void field(StringBuilder out, String name, String value) {
        out.append(String.format(Locale.ROOT, "%-9s %s%n", name, value));
    }

    private static String value(byte[] value) {
        if (value.length > MAX_VALUE_BYTES) {
            return value.length + " bytes";
        }
        for (byte b : value) {
            if (b < 0x20) {
                return "0x" + HexFormat.of().formatHex(value);
            }
        }
        return "\"" + display(value) + "\"";
    }

    private static String display(byte[] name) {
        return SafeText.of(ByteArguments.textOf(name));
    }

    private static String deviceNumber(Inode inode) {
        int rdev = inode.rdev();
        int major = (rdev >>> 8) & 0xFFF;
        int minor = (rdev & 0xFF) | ((rdev >>> 12) & 0xFFF00);
        return major + "," + minor;
    }

    private static char type(Inode inode) {
        return switch (inode.mode() & 0xF000) {
            case 0x4000 -> 'd';
            case 0x8000 -> '-';
            case 0xA000 -> 'l';
            case 0x2000 -> 'c';
            case 0x6000 -> 'b';
            case 0x1000 -> 'p';
            case 0xC000 -> 's';
            default -> '?';
        };
    }

    private static String modeText(Inode inode) {
        int mode = inode.mode();
        char[] text = new char[10];
        text[0] = type(inode);
        String bits = "rwxrwxrwx";
        for (int i = 0; i < 9; i++) {
            text[i + 1] = (mode >> (8 - i) & 1) != 0 ? bits.charAt(i) : '-';
        }
        special(text, 3, mode, 04000, 's');
        special(text, 6, mode, 02000, 's');
        special(text, 9, mode, 01000, 't');
        return new String(text);
    }

    private static void special(char[] text, int place, int mode, int bit, char letter) {
        if ((mode & bit) != 0) {
            text[place] = text[place] == 'x' ? letter : Character.toUpperCase(letter);
        }
    }
}

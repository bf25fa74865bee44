package io.arcfs.erofs.write;

import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.InodeFormat;
import java.nio.charset.StandardCharsets;

/** What names and attributes the format has a place for. Stateless. */
final class InodeRules {
    private static final long UNSIGNED_32_MAX = 0xFFFF_FFFFL;
    private static final int NANOS_MAX = 999_999_999;

    private InodeRules() {}

    static void check(InodeAttributes attributes, Shown name) throws UnwritableTreeException {
        int type = DirentLayout.typeOfMode(attributes.mode());
        if (type == DirentLayout.TYPE_UNKNOWN || attributes.mode() >>> 16 != 0) {
            throw new UnwritableTreeException(
                    "%s: mode 0%o".formatted(name.text(), attributes.mode()));
        }
        checkUnsigned32("inode number", attributes.inode(), name);
        checkUnsigned32("owner", attributes.uid(), name);
        checkUnsigned32("group", attributes.gid(), name);
        if (attributes.mtimeNanos() < 0 || attributes.mtimeNanos() > NANOS_MAX) {
            throw new UnwritableTreeException(
                    name.text() + ": " + attributes.mtimeNanos() + " nanoseconds");
        }
        if (attributes.size() < 0) {
            throw new UnwritableTreeException(name.text() + ": size " + attributes.size());
        }
        if (type == DirentLayout.TYPE_SYMLINK
                && (attributes.size() < 1 || attributes.size() > InodeFormat.SYMLINK_MAX)) {
            throw new UnwritableTreeException(
                    name.text() + ": a symlink's target of " + attributes.size() + " bytes");
        }
    }

    private static void checkUnsigned32(String what, long value, Shown name)
            throws UnwritableTreeException {
        if (value < 0 || value > UNSIGNED_32_MAX) {
            throw new UnwritableTreeException(name.text() + ": " + what + " " + value);
        }
    }

    static byte[] checkedName(byte[] name) throws UnwritableTreeException {
        boolean dot = name.length > 0 && name[0] == '.';
        if (name.length == 0
                || name.length > DirentLayout.NAME_MAX
                || (dot && (name.length == 1 || (name.length == 2 && name[1] == '.')))) {
            throw new UnwritableTreeException(
                    "a name of " + name.length + " bytes: " + shown(name, 0, name.length));
        }
        for (byte b : name) {
            if (b == 0 || b == '/') {
                throw new UnwritableTreeException(
                        "name " + shown(name, 0, name.length) + " has '/' or NUL");
            }
        }
        return name;
    }

    static String shown(byte[] bytes, int start, int length) {
        return "\"" + new String(bytes, start, length, StandardCharsets.UTF_8) + "\"";
    }

    /** A name for a message; made only when there is one. */
    @FunctionalInterface
    interface Shown {
        String text();
    }
}

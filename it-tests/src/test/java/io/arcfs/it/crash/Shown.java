package io.arcfs.it.crash;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.OpenDirectory;
import io.arcfs.overlay.OpenFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** All that a volume shows, as text by path: numbers, attributes, xattrs, bytes. Stateless. */
final class Shown {
    /** What stands in place of bytes that cannot be read. */
    static final String UNREADABLE = "unreadable";

    private Shown() {}

    static Map<String, String> by(FileSystem fs) throws IOException {
        Map<String, String> shown = new TreeMap<>();
        visit(fs, "", fs.getattr(FileSystem.ROOT_INODE), shown);
        return shown;
    }

    private static void visit(
            FileSystem fs, String path, Attributes attributes, Map<String, String> shown)
            throws IOException {
        StringBuilder text =
                new StringBuilder()
                        .append(
                                "ino=%d mode=%o uid=%d gid=%d mtime=%d.%d"
                                        .formatted(
                                                attributes.inode(),
                                                attributes.mode(),
                                                attributes.uid(),
                                                attributes.gid(),
                                                attributes.mtimeSeconds(),
                                                attributes.mtimeNanos()));
        for (byte[] name : fs.listxattr(attributes.inode())) {
            byte[] value = fs.getxattr(attributes.inode(), name);
            text.append(' ')
                    .append(new String(name, StandardCharsets.UTF_8))
                    .append('=')
                    .append(value == null ? "-" : HexFormat.of().formatHex(value));
        }
        switch (attributes.mode() & 0xF000) {
            case 0x4000 -> {
                shown.put(path + "/", text.toString());
                for (byte[] name : names(fs, attributes.inode())) {
                    Attributes child = fs.lookup(attributes.inode(), name);
                    if (child == null) {
                        throw new IOException("listed and not there: " + path);
                    }
                    visit(fs, path + "/" + new String(name, StandardCharsets.UTF_8), child, shown);
                }
            }
            case 0x8000 -> {
                text.append(" nlink=%d size=%d ".formatted(attributes.nlink(), attributes.size()));
                shown.put(path, text.append(bytes(fs, attributes)).toString());
            }
            default -> shown.put(path, text.toString());
        }
    }

    private static String bytes(FileSystem fs, Attributes attributes) throws IOException {
        OpenFile file = fs.open(attributes.inode(), OpenMode.READ);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(1 << 16, 4096);
            CRC32C crc = new CRC32C();
            for (long at = 0; at < attributes.size(); ) {
                int got = file.read(at, buffer);
                if (got == 0) {
                    return "short at " + at;
                }
                crc.update(buffer.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE));
                at += got;
            }
            return "crc=" + Long.toHexString(crc.getValue());
        } catch (IOException e) {
            return UNREADABLE;
        } finally {
            file.release();
        }
    }

    private static List<byte[]> names(FileSystem fs, long inode) throws IOException {
        OpenDirectory directory = fs.openDirectory(inode);
        List<byte[]> names = new ArrayList<>();
        try {
            directory.read(
                    0,
                    (name, _, _, _) -> {
                        String text = new String(name, StandardCharsets.UTF_8);
                        if (!text.equals(".") && !text.equals("..")) {
                            names.add(name.clone());
                        }
                        return true;
                    });
        } finally {
            directory.release();
        }
        return names;
    }
}

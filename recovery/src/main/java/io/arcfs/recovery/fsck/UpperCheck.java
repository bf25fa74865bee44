package io.arcfs.recovery.fsck;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.catalog.AppendFileRecord;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.recovery.fsck.Finding.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks the layers that are no images yet, and the append files. Confined to one thread. */
final class UpperCheck {
    private final Catalog catalog;
    private final Path data;
    private final AddressUse uses;
    private final Findings findings;
    private final Map<Long, AppendFileRecord> appendFiles = new HashMap<>();
    private final Set<Long> named = new HashSet<>();

    UpperCheck(Catalog catalog, Path data, AddressUse uses, Findings findings) throws IOException {
        this.catalog = catalog;
        this.data = data;
        this.uses = uses;
        this.findings = findings;
        for (AppendFileRecord file : catalog.appendFiles()) {
            appendFiles.put(file.number(), file);
        }
    }

    void check(int layer) throws IOException {
        String where = "layer " + layer;
        Set<Long> reached = new HashSet<>();
        catalog.dirents(
                layer,
                (parent, name, dirent) -> {
                    String what = where + " inode " + parent;
                    if (catalog.inode(layer, parent) == null) {
                        findings.error(Kind.NAME, what, "has names and no record");
                    }
                    if (dirent.isTombstone()) {
                        return;
                    }
                    reached.add(dirent.inode());
                    InodeRecord record = catalog.inode(layer, dirent.inode());
                    String shown =
                            "name " + new String(name, java.nio.charset.StandardCharsets.UTF_8);
                    if (record == null) {
                        findings.error(
                                Kind.NAME,
                                what,
                                shown
                                        + " leads to inode "
                                        + dirent.inode()
                                        + ", which has no record");
                    } else if (record.type() != dirent.type()) {
                        findings.error(
                                Kind.NAME, what, shown + " says another type than its inode");
                    }
                });
        catalog.inodes(
                layer,
                (inode, record) -> {
                    if (inode != FileSystem.ROOT_INODE && !reached.contains(inode)) {
                        findings.error(
                                Kind.INODE, where + " inode " + inode, "has no name in its layer");
                    }
                    checkData(layer, inode, record);
                });
    }

    private void checkData(int layer, long inode, InodeRecord record) {
        String where = "layer " + layer + " inode " + inode;
        for (InodeRecord.Run run : record.runs()) {
            uses.use(where, inode, run.extent(), List.of());
        }
        if (record.writtenEnd() > record.size() || record.appendStart() > record.writtenEnd()) {
            findings.error(
                    Kind.INODE,
                    where,
                    "size %d, written end %d, append start %d"
                            .formatted(record.size(), record.writtenEnd(), record.appendStart()));
        }
        if (record.appendFile() == 0) {
            return;
        }
        named.add(record.appendFile());
        AppendFileRecord file = appendFiles.get(record.appendFile());
        String name = HexFormat.of().toHexDigits(record.appendFile());
        if (file == null) {
            findings.error(
                    Kind.APPEND_FILE,
                    "upper/data/" + name,
                    "is named by inode " + inode + " and has no record");
        } else if (file.inode() != inode) {
            findings.error(
                    Kind.APPEND_FILE,
                    "upper/data/" + name,
                    "belongs to inode " + file.inode() + ", but inode " + inode + " names it");
        }
    }

    /** After all uppers: the files themselves. */
    void checkFiles() throws IOException {
        for (AppendFileRecord file : appendFiles.values()) {
            String name = HexFormat.of().toHexDigits(file.number());
            String subject = "upper/data/" + name;
            if (!named.contains(file.number())) {
                findings.note(Kind.LEFTOVER, subject, "has a record, and no inode names it");
                continue;
            }
            Path path = data.resolve(name);
            long length = Files.isRegularFile(path) ? Files.size(path) : 0;
            if (length < file.durableEnd()) {
                findings.error(
                        Kind.APPEND_FILE,
                        subject,
                        "%s%d bytes of inode %d were durable, %d are there"
                                .formatted(
                                        Files.exists(path) ? "" : "is gone: ",
                                        file.durableEnd(),
                                        file.inode(),
                                        length));
            }
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(data)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (!isKnown(name)) {
                    findings.note(Kind.LEFTOVER, "upper/data/" + name, "no record names it");
                }
            }
        }
    }

    private boolean isKnown(String name) {
        try {
            return appendFiles.containsKey(Long.parseUnsignedLong(name, 16));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}

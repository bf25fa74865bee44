package io.arcfs.overlay.round;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.overlay.catalog.AppendFileRecord;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.data.AppendFile;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.namespace.AppendReferences;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings uppers and append files into step after a crash. After the death of the process every byte
 * that reached the operating system counts; after power loss only what is known to be durable does.
 * Idempotent. The work depends on what is in the uppers, not on the volume's size.
 */
public final class Recovery {
    /** So many files are recorded in one commit. */
    private static final int TOGETHER = 256;

    private final Catalog catalog;
    private final AppendFiles appendFiles;
    private final AppendReferences references;
    private final int active;
    private final int sealed;
    private final boolean machineLost;
    private final List<String> actions = new ArrayList<>();
    private final List<AppendFileRecord> notDurable = new ArrayList<>();
    private long activeBytes;
    private long sealedBytes;

    /**
     * @param sealed the sealed layer, or -1
     * @param machineLost whether the machine has been booted since the volume was last open
     */
    public Recovery(
            Catalog catalog,
            AppendFiles appendFiles,
            AppendReferences references,
            int active,
            int sealed,
            boolean machineLost) {
        this.catalog = catalog;
        this.appendFiles = appendFiles;
        this.references = references;
        this.active = active;
        this.sealed = sealed;
        this.machineLost = machineLost;
    }

    /** One line per thing that was put right. */
    public List<String> actions() {
        return actions;
    }

    public long activeBytes() {
        return activeBytes;
    }

    public long sealedBytes() {
        return sealedBytes;
    }

    /** Append files longer than they are known to be durable, with the ends that they have now. */
    public List<AppendFileRecord> notDurable() {
        return notDurable;
    }

    public void run() throws IOException {
        dropArchivedUppers();
        Set<Long> known = new HashSet<>();
        List<AppendFileRecord> files = catalog.appendFiles();
        for (int from = 0; from < files.size(); from += TOGETHER) {
            recover(files.subList(from, Math.min(from + TOGETHER, files.size())), known);
        }
        // Before anything is removed: power loss must not bring back a record that names it.
        catalog.sync();
        Failpoint.RECOVER_SYNCED.reach();
        removeStrayFiles(known);
    }

    private void recover(List<AppendFileRecord> files, Set<Long> known) throws IOException {
        boolean forgotten = false;
        try (CatalogBatch batch = catalog.batch()) {
            for (AppendFileRecord file : files) {
                if (recoverAppendFile(batch, file)) {
                    known.add(file.number());
                } else {
                    forgotten = true;
                }
            }
            catalog.commit(batch, Sync.NO);
        }
        if (forgotten) {
            Failpoint.RECOVER_FILE_FORGOTTEN.reach();
        }
        Failpoint.RECOVER_FILE_COMMITTED.reach();
    }

    /** A crash between activate and the deletion of what the layer was made from. */
    private void dropArchivedUppers() throws IOException {
        int oldestUpper = sealed >= 0 ? sealed : active;
        for (int layer = catalog.oldestUpperRows();
                layer >= 0 && layer < oldestUpper;
                layer = catalog.oldestUpperRows()) {
            try (CatalogBatch batch = catalog.batch()) {
                batch.deleteUpper(layer);
                catalog.commit(batch, Sync.YES);
            }
            Failpoint.RECOVER_UPPER_DROPPED.reach();
            actions.add("dropped the upper of layer " + layer + ", which is archived");
        }
    }

    private boolean recoverAppendFile(CatalogBatch batch, AppendFileRecord file)
            throws IOException {
        InodeRecord inActive = recordNaming(active, file);
        InodeRecord inSealed = sealed < 0 ? null : recordNaming(sealed, file);
        if (inActive == null && inSealed == null) {
            batch.deleteAppendFile(file.number());
            actions.add("dropped append file " + file.number() + ", which nothing names");
            return false;
        }
        long end = settle(file);
        if (inSealed != null && sealed >= 0) {
            references.addSealed(file.number());
            InodeRecord clipped = clip(inSealed, Math.min(end, inSealed.writtenEnd()));
            put(batch, sealed, file, inSealed, clipped);
            sealedBytes += clipped.writtenEnd() - clipped.appendStart();
        }
        if (inActive != null) {
            references.addActive(file.number());
            InodeRecord clipped = clip(inActive, end);
            put(batch, active, file, inActive, clipped);
            activeBytes += clipped.writtenEnd() - clipped.appendStart();
        }
        AppendFileRecord now = new AppendFileRecord(file.number(), file.inode(), end);
        if (end > file.durableEnd()) {
            notDurable.add(now);
        } else if (end < file.durableEnd()) {
            batch.putAppendFile(now);
        }
        return true;
    }

    private @Nullable InodeRecord recordNaming(int layer, AppendFileRecord file)
            throws IOException {
        InodeRecord record = catalog.inode(layer, file.inode());
        return record != null && record.appendFile() == file.number() ? record : null;
    }

    /**
     * Makes the append file's end certain. What the dead process left behind the durable end is
     * with the operating system: the committer makes it durable once the volume is open.
     */
    private long settle(AppendFileRecord record) throws IOException {
        Path path = appendFiles.pathOf(record.number());
        long length;
        try {
            length = Files.size(path);
        } catch (NoSuchFileException _) {
            appendFiles.create(record.number()).release();
            appendFiles.syncNames();
            Failpoint.RECOVER_FILE_SETTLED.reach();
            return 0;
        }
        if (length == record.durableEnd() || (length > record.durableEnd() && !machineLost)) {
            return length;
        }
        AppendFile file = appendFiles.get(record.number());
        file.retain();
        try {
            if (length > record.durableEnd()) {
                file.truncate(record.durableEnd());
                Failpoint.RECOVER_FILE_CUT.reach();
                actions.add(
                        "cut inode "
                                + record.inode()
                                + " from "
                                + length
                                + " to "
                                + record.durableEnd()
                                + " bytes: the rest was not durable");
                length = record.durableEnd();
            }
            file.syncData();
            Failpoint.RECOVER_FILE_SETTLED.reach();
        } finally {
            file.release();
        }
        return length;
    }

    /** A record whose append file ends at {@code end}. */
    private static InodeRecord clip(InodeRecord record, long end) {
        long written = Math.max(end, record.appendStart());
        if (written == record.writtenEnd()) {
            return record;
        }
        boolean grown = record.size() > record.writtenEnd();
        long size = grown ? Math.max(record.size(), written) : written;
        return record.change().writtenEnd(written).size(size).build();
    }

    private void put(
            CatalogBatch batch,
            int layer,
            AppendFileRecord file,
            InodeRecord before,
            InodeRecord after)
            throws IOException {
        if (!after.equals(before)) {
            batch.putInode(layer, file.inode(), after);
            actions.add(
                    "inode "
                            + file.inode()
                            + " in layer "
                            + layer
                            + ": written end "
                            + before.writtenEnd()
                            + " is "
                            + after.writtenEnd());
        }
    }

    private void removeStrayFiles(Set<Long> known) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(appendFiles.directory())) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                // A folder is none of ours, and nothing that could be taken for an append file.
                if (!known.contains(numberOf(name)) && !Files.isDirectory(file)) {
                    Posix.unlink(Posix.bytes(file));
                    Failpoint.RECOVER_STRAY_REMOVED.reach();
                    actions.add("removed " + name + ", which no record names");
                }
            }
        }
    }

    private static long numberOf(String name) {
        try {
            return Long.parseUnsignedLong(name, 16);
        } catch (NumberFormatException _) {
            // Not a name of ours: no record can know it.
            return -1;
        }
    }
}

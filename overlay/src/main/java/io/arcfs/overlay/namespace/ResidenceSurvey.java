package io.arcfs.overlay.namespace;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.Residence;
import io.arcfs.overlay.Residence.State;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.MergedDirectory;
import io.arcfs.overlay.stack.Resolution;
import io.arcfs.overlay.stack.UpperLayer;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.RecallEstimate;
import io.arcfs.tier.TierControl;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where the bytes of files are: a look at names, data maps and the tier's tables, never
 * at a medium. Thread-safe.
 */
public final class ResidenceSurvey {
    private final Tree tree;
    private final TierControl tier;

    public ResidenceSurvey(Tree tree, TierControl tier) {
        this.tree = tree;
        this.tier = tier;
    }

    /** What was counted of one file, or of all files below a directory. */
    private static final class Count {
        private long files;
        private long sizeBytes;
        private long upperBytes;
        private long archivedBytes;
        private boolean inUpper;
        private final List<DeviceExtent> extents = new ArrayList<>();
    }

    /**
     * Of the file at a path from the volume's root, or of all files below it.
     *
     * @throws FsException if there is no such name
     */
    public Residence at(byte[] path) throws IOException {
        Count count = new Count();
        tree.readLock().lock();
        try {
            start(path, count);
        } finally {
            tree.readLock().unlock();
        }
        return settled(count);
    }

    /** Of a regular file that has a name; null of anything else. */
    @Nullable Residence of(long inode) throws IOException {
        Count count = new Count();
        tree.readLock().lock();
        try {
            Node node = tree.node(inode);
            if (!node.isRegular() || node.removed) {
                return null;
            }
            Node parent = tree.directory(node.parent);
            if (!(tree.stack().child(tree.merged(parent), node.name)
                            instanceof Resolution.Present present)
                    || !Mode.isRegular(present.type())) {
                return null;
            }
            file(present, count);
        } finally {
            tree.readLock().unlock();
        }
        return settled(count);
    }

    private void start(byte[] path, Count count) throws IOException {
        int end = path.length;
        while (end > 0 && path[end - 1] == '/') {
            end--;
        }
        LayerStack stack = tree.stack();
        if (end == 0) {
            directory(stack.root(0), count);
            return;
        }
        int slash = end - 1;
        while (slash >= 0 && path[slash] != '/') {
            slash--;
        }
        MergedDirectory parent =
                slash < 0 ? stack.root(0) : stack.path(0, Arrays.copyOf(path, slash));
        if (!(stack.child(parent, Arrays.copyOfRange(path, slash + 1, end))
                instanceof Resolution.Present present)) {
            throw new FsException(
                    Reason.NOT_FOUND,
                    new String(path, StandardCharsets.UTF_8) + ": no such file in the volume");
        }
        visit(present, count);
    }

    private void directory(MergedDirectory directory, Count count) throws IOException {
        List<byte[]> names = new ArrayList<>();
        tree.stack().list(directory, (name, _, _) -> names.add(name));
        for (byte[] name : names) {
            if (tree.stack().child(directory, name) instanceof Resolution.Present present) {
                visit(present, count);
            }
        }
    }

    private void visit(Resolution.Present present, Count count) throws IOException {
        if (Mode.isDirectory(present.type())) {
            directory(present.directory(), count);
        } else if (Mode.isRegular(present.type())) {
            file(present, count);
        }
    }

    private void file(Resolution.Present present, Count count) throws IOException {
        InodeRecord record = present.layer().inode(present.ref());
        Node known = tree.nodes().get(present.inodeNumber());
        long size = known == null ? record.size() : known.size();
        count.files++;
        count.sizeBytes += size;
        count.inUpper |= present.layer() instanceof UpperLayer;
        for (InodeRecord.Run run : present.layer().runs(present.ref())) {
            // The last block is whole on the device, the file's end is not.
            count.archivedBytes +=
                    Math.max(0, Math.min(run.extent().lengthBytes(), size - run.fileOffset()));
            count.extents.add(run.extent());
        }
        if (record.appendFile() != 0) {
            count.upperBytes += Math.max(0, size - record.appendStart());
        }
    }

    private Residence settled(Count count) throws IOException {
        RecallEstimate recall = null;
        long cold;
        boolean whole;
        try {
            recall = tier.estimate(count.extents);
            cold = recall.coldObjects();
            whole = recall.coldObjects() == recall.objects();
        } catch (UnsupportedOperationException e) {
            cold = count.extents.stream().filter(extent -> !tier.isResident(extent)).count();
            whole = cold == count.extents.size();
        }
        return new Residence(
                state(count, cold > 0, whole),
                count.files,
                count.sizeBytes,
                count.upperBytes,
                count.archivedBytes,
                recall);
    }

    private static State state(Count count, boolean anyCold, boolean allCold) {
        if (anyCold) {
            return allCold && count.upperBytes == 0 ? State.COLD : State.PARTIAL;
        }
        boolean onlyArchived = count.upperBytes == 0 && count.archivedBytes > 0;
        return onlyArchived || !count.inUpper ? State.SSD : State.UPPER;
    }
}

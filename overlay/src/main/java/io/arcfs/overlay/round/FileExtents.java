package io.arcfs.overlay.round;

import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.namespace.Tree;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.MergedDirectory;
import io.arcfs.overlay.stack.Resolution;
import io.arcfs.tier.DeviceExtent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the device ranges of files and of everything below folders. */
public final class FileExtents {
    private final LayerStack stack;
    private final List<DeviceExtent> extents = new ArrayList<>();

    private FileExtents(LayerStack stack) {
        this.stack = stack;
    }

    /** Archived bytes of the file at the path, or of all files below it. */
    public static List<DeviceExtent> below(Tree tree, byte[] path) throws IOException {
        tree.readLock().lock();
        try {
            FileExtents found = new FileExtents(tree.stack());
            found.start(path);
            return found.extents;
        } finally {
            tree.readLock().unlock();
        }
    }

    private void start(byte[] path) throws IOException {
        int end = path.length;
        while (end > 0 && path[end - 1] == '/') {
            end--;
        }
        int slash = end - 1;
        while (slash >= 0 && path[slash] != '/') {
            slash--;
        }
        MergedDirectory parent = stack.path(0, Arrays.copyOf(path, Math.max(0, slash)));
        if (slash < 0) {
            parent = stack.root(0);
        }
        if (end == 0) {
            directory(stack.root(0));
            return;
        }
        if (!(stack.child(parent, Arrays.copyOfRange(path, slash + 1, end))
                instanceof Resolution.Present present)) {
            throw new FsException(
                    Reason.NOT_FOUND,
                    new String(path, StandardCharsets.UTF_8) + ": no such file in the volume");
        }
        visit(present);
    }

    private void directory(MergedDirectory directory) throws IOException {
        List<byte[]> names = new ArrayList<>();
        stack.list(directory, (name, _, _) -> names.add(name));
        for (byte[] name : names) {
            if (stack.child(directory, name) instanceof Resolution.Present present) {
                visit(present);
            }
        }
    }

    private void visit(Resolution.Present present) throws IOException {
        if (Mode.isDirectory(present.type())) {
            directory(present.directory());
        } else if (Mode.isRegular(present.type())) {
            for (InodeRecord.Run run : present.layer().runs(present.ref())) {
                extents.add(run.extent());
            }
        }
    }
}

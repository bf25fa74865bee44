package io.arcfs.overlay.round;

import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.namespace.Tree;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.MergedDirectory;
import io.arcfs.overlay.stack.Resolution;
import io.arcfs.tier.DeviceExtent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the files that have bytes in a range of the device, by looking at all of them. */
public final class ExtentFiles {
    private final LayerStack stack;
    private final DeviceExtent wanted;
    private final List<byte[]> found = new ArrayList<>();

    private ExtentFiles(LayerStack stack, DeviceExtent wanted) {
        this.stack = stack;
        this.wanted = wanted;
    }

    /** Their paths from the root, without a slash before them. */
    public static List<byte[]> in(Tree tree, DeviceExtent extent) throws IOException {
        tree.readLock().lock();
        try {
            ExtentFiles files = new ExtentFiles(tree.stack(), extent);
            files.directory(tree.stack().root(0), new byte[0]);
            return files.found;
        } finally {
            tree.readLock().unlock();
        }
    }

    private void directory(MergedDirectory directory, byte[] path) throws IOException {
        List<byte[]> names = new ArrayList<>();
        stack.list(directory, (name, _, _) -> names.add(name));
        for (byte[] name : names) {
            if (!(stack.child(directory, name) instanceof Resolution.Present present)) {
                continue;
            }
            byte[] child = join(path, name);
            if (Mode.isDirectory(present.type())) {
                directory(present.directory(), child);
            } else if (Mode.isRegular(present.type()) && touches(present)) {
                found.add(child);
            }
        }
    }

    private boolean touches(Resolution.Present present) throws IOException {
        for (InodeRecord.Run run : present.layer().runs(present.ref())) {
            if (run.extent().address() < wanted.end() && wanted.address() < run.extent().end()) {
                return true;
            }
        }
        return false;
    }

    private static byte[] join(byte[] path, byte[] name) {
        if (path.length == 0) {
            return name;
        }
        byte[] joined = Arrays.copyOf(path, path.length + 1 + name.length);
        joined[path.length] = '/';
        System.arraycopy(name, 0, joined, path.length + 1, name.length);
        return joined;
    }
}

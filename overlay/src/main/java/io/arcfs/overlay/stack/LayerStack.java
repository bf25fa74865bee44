package io.arcfs.overlay.stack;

import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.catalog.Origin;
import io.arcfs.overlay.stack.Layer.Entry;
import io.arcfs.overlay.stack.MergedDirectory.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The layers of a volume, newest first, and the resolver over them. Immutable: every seal, activate
 * and merge makes a new one with a higher version.
 */
public final class LayerStack {
    private final long version;
    private final List<Layer> layers;

    public LayerStack(long version, List<? extends Layer> newestFirst) {
        this.version = version;
        this.layers = List.copyOf(newestFirst);
    }

    public long version() {
        return version;
    }

    public List<Layer> layers() {
        return layers;
    }

    /** How many layers are newer. */
    public int depthOf(Layer layer) {
        return layers.indexOf(layer);
    }

    /** A stack of other layers that follows this one. */
    public LayerStack with(List<? extends Layer> newestFirst) {
        return new LayerStack(version + 1, newestFirst);
    }

    /** The root directory as the layers from {@code depth} down make it. */
    public MergedDirectory root(int depth) {
        List<Part> parts = new ArrayList<>();
        for (int i = depth; i < layers.size(); i++) {
            parts.add(new Part(i, layers.get(i), layers.get(i).rootRef()));
        }
        return new MergedDirectory(parts);
    }

    /** Finds a name in a directory of the merged view (R1). */
    public Resolution child(MergedDirectory directory, byte[] name) throws IOException {
        List<Part> parts = directory.parts();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            Entry entry = part.layer().find(part.ref(), name);
            if (entry == null) {
                continue;
            }
            if (entry.isWhiteout()) {
                return Resolution.ABSENT;
            }
            MergedDirectory below =
                    Mode.isDirectory(entry.type())
                            ? mergeFrom(parts, i, entry, name)
                            : MergedDirectory.EMPTY;
            return new Resolution.Present(part.layer(), entry.ref(), entry.type(), below);
        }
        return Resolution.ABSENT;
    }

    /**
     * Collects the directories of one name from the newest, at {@code start}, to the first stop
     * (R2).
     */
    private MergedDirectory mergeFrom(List<Part> parents, int start, Entry newest, byte[] name)
            throws IOException {
        List<Part> merged = new ArrayList<>();
        Entry entry = newest;
        for (int i = start; ; ) {
            Part parent = parents.get(i);
            merged.add(new Part(parent.depth(), parent.layer(), entry.ref()));
            switch (parent.layer().origin(entry.ref())) {
                case Origin.None _ -> {
                    return new MergedDirectory(merged);
                }
                case Origin.Path path -> {
                    merged.addAll(path(parent.depth() + 1, path.absolute()).parts());
                    return new MergedDirectory(merged);
                }
                case Origin.Same _ -> {}
            }
            Entry next = null;
            while (next == null && ++i < parents.size()) {
                next = parents.get(i).layer().find(parents.get(i).ref(), name);
            }
            if (next == null || next.isWhiteout() || !Mode.isDirectory(next.type())) {
                return new MergedDirectory(merged);
            }
            entry = next;
        }
    }

    /** Resolves an absolute path in the merged view of the layers from {@code depth} down (R3). */
    public MergedDirectory path(int depth, byte[] absolute) throws IOException {
        MergedDirectory directory = root(depth);
        int start = 0;
        while (start < absolute.length) {
            if (absolute[start] == '/') {
                start++;
                continue;
            }
            int end = start;
            while (end < absolute.length && absolute[end] != '/') {
                end++;
            }
            if (!(child(directory, Arrays.copyOfRange(absolute, start, end))
                            instanceof Resolution.Present present)
                    || !Mode.isDirectory(present.type())) {
                return MergedDirectory.EMPTY;
            }
            directory = present.directory();
            start = end;
        }
        return directory;
    }

    /** Lists the names of a directory of the merged view, each once, as the newest layer has it. */
    public void list(MergedDirectory directory, MergedVisitor visitor) throws IOException {
        listUppers(directory, visitor).list(visitor);
    }

    /**
     * Lists the names that the uppers have, and gives what lists those of the images below. An
     * image does not change: whoever keeps the uppers from changing need not do so for the rest.
     */
    public Images listUppers(MergedDirectory directory, MergedVisitor visitor) throws IOException {
        List<Part> parts = directory.parts();
        Set<ByteBuffer> seen = new HashSet<>();
        int uppers = 0;
        while (uppers < parts.size() && parts.get(uppers).layer() instanceof UpperLayer) {
            list(parts, uppers++, seen, visitor);
        }
        return new Images(parts, uppers, seen);
    }

    private static void list(List<Part> parts, int at, Set<ByteBuffer> seen, MergedVisitor visitor)
            throws IOException {
        Part part = parts.get(at);
        boolean last = at == parts.size() - 1;
        part.layer()
                .list(
                        part.ref(),
                        (name, entry) -> {
                            boolean first = seen.isEmpty() || !seen.contains(ByteBuffer.wrap(name));
                            if (first && !entry.isWhiteout()) {
                                visitor.entry(name, part.layer(), entry);
                            }
                            if (!last) { // the lowest part is often a million names long
                                seen.add(ByteBuffer.wrap(name));
                            }
                        });
    }

    /** The images' share of a listing. Confined to one thread. */
    public static final class Images {
        private final List<Part> parts;
        private final int first;
        private final Set<ByteBuffer> seen;

        private Images(List<Part> parts, int first, Set<ByteBuffer> seen) {
            this.parts = parts;
            this.first = first;
            this.seen = seen;
        }

        /** Lists the names that no upper has. */
        public void list(MergedVisitor visitor) throws IOException {
            for (int at = first; at < parts.size(); at++) {
                LayerStack.list(parts, at, seen, visitor);
            }
        }
    }

    /** Takes names of the merged view. */
    @FunctionalInterface
    public interface MergedVisitor {
        void entry(byte[] name, Layer layer, Entry entry) throws IOException;
    }
}

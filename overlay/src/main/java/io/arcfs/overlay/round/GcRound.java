package io.arcfs.overlay.round;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.write.InodeAttributes;
import io.arcfs.erofs.write.TreeSource;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.stack.ImageLayer;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is still needed out of containers that hold little else, so that they can be given
 * back: copies it to the open container and merges all images into one that names the new places.
 * The old containers stay as they are, and readable, until {@link Reclaim} finds them without
 * reference. Confined to the thread that holds the round lock and the merge lock.
 */
public final class GcRound {
    private static final Logger LOG = LoggerFactory.getLogger(GcRound.class);

    private final RoundContext context;
    private final Geometry geometry;

    public GcRound(RoundContext context) {
        this.context = context;
        this.geometry = context.tier().geometry();
    }

    /**
     * What a round would do.
     *
     * @param containers that would be emptied, the empty ones among them
     * @param copiedBytes to be read, and written anew
     * @param recalledBytes of them, those that are not on the SSD
     * @param freedBytes of the media that emptied containers would give back, once per copy
     * @param deadBytes in closed containers that nothing needs any more, whatever the bound
     */
    public record Plan(
            List<ContainerId> containers,
            long copiedBytes,
            long recalledBytes,
            long freedBytes,
            long deadBytes) {
        public boolean isEmpty() {
            return containers.isEmpty();
        }
    }

    /**
     * @param belowPercent containers are emptied of which less than that is needed
     */
    public Plan plan(int belowPercent) throws IOException {
        List<ImageLayer> images = MergeRound.images(context.namespace().tree());
        return plan(belowPercent, LiveData.of(context, images));
    }

    private Plan plan(int belowPercent, ChunkGroups live) throws IOException {
        List<ContainerId> chosen = new ArrayList<>();
        long copied = 0;
        long recalled = 0;
        long freed = 0;
        long dead = 0;
        Map<Integer, Long> imageBytes = imageBytes();
        for (ContainerRecord container : context.catalog().containers()) {
            if (!container.closed()) {
                continue;
            }
            int number = container.id().number();
            long start = geometry.firstDataAddress(number);
            long used = container.usedEnd() - start;
            long needed = live.bytesWithin(start, geometry.dataEnd(number));
            // The images themselves are not copied, but written anew; that alone gains nothing.
            long kept = needed + imageBytes.getOrDefault(number, 0L);
            dead += Math.max(0, used - kept);
            if (kept * 100 < (long) belowPercent * used || used == 0) {
                chosen.add(container.id());
                copied += needed;
                freed += used;
                for (DeviceExtent group : live.within(start, geometry.dataEnd(number))) {
                    if (!context.tier().control().isResident(group)) {
                        recalled += group.lengthBytes();
                    }
                }
            }
        }
        return new Plan(chosen, copied, recalled, freed, dead);
    }

    /** Bytes of the present images by the container they lie in. */
    private Map<Integer, Long> imageBytes() throws IOException {
        Map<Integer, Long> bytes = new HashMap<>();
        for (LayerRecord layer : context.catalog().layers()) {
            if (layer.image() != null) {
                for (DeviceExtent extent : layer.requireImage().extents()) {
                    bytes.merge(
                            geometry.containerOf(extent.address()),
                            geometry.roundUpToBlock(extent.lengthBytes()),
                            Long::sum);
                }
            }
        }
        return bytes;
    }

    /** Whether the plan's containers are without reference as they are. */
    private boolean isDone(Plan plan) throws IOException {
        Set<ContainerId> unreferenced = new HashSet<>();
        new Reclaim(context).unreferenced().forEach(record -> unreferenced.add(record.id()));
        return unreferenced.containsAll(plan.containers());
    }

    /** Does it; an empty plan changes nothing. */
    public Plan run(int belowPercent) throws IOException {
        List<ImageLayer> images = MergeRound.images(context.namespace().tree());
        ChunkGroups live = LiveData.of(context, images);
        Plan plan = plan(belowPercent, live);
        if (plan.isEmpty() || images.isEmpty() || isDone(plan)) {
            return plan;
        }
        ContainerAllocator allocator = context.allocations().round();
        TreeMap<Long, Moved> moves = new TreeMap<>();
        try (RoundProgress.Step step =
                context.progress().begin("gc", "live data", plan.copiedBytes())) {
            for (ContainerId container : plan.containers()) {
                copy(container, live, allocator, moves, step);
            }
        } catch (IOException | RuntimeException e) {
            allocator.abandon();
            throw e;
        }
        KeptHeads heads = new KeptHeads(context.tier());
        new MergeRound(context).rewrite(images, allocator, new Moving(allocator, moves, heads));
        LOG.info(
                "gc done containers={} copiedBytes={} freedBytes={}",
                plan.containers().size(),
                plan.copiedBytes(),
                plan.freedBytes());
        return plan;
    }

    /** A group of bytes and its new place. */
    private record Moved(long from, long to, long length) {}

    private void copy(
            ContainerId container,
            ChunkGroups live,
            ContainerAllocator allocator,
            NavigableMap<Long, Moved> moves,
            RoundProgress.Step step)
            throws IOException {
        int number = container.number();
        List<DeviceExtent> groups =
                live.within(geometry.firstDataAddress(number), geometry.dataEnd(number));
        // At once, so that the medium is passed over in one go.
        context.tier().control().recall(groups, Priority.PRESTAGE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(geometry.chunkBytes(), geometry.blockBytes());
            for (DeviceExtent group : groups) {
                long to = allocator.allocate(group.lengthBytes());
                for (long done = 0; done < group.lengthBytes(); ) {
                    long count = Math.min(buffer.byteSize(), group.lengthBytes() - done);
                    MemorySegment part = buffer.asSlice(0, count);
                    context.tier().device().read(group.address() + done, part);
                    context.tier().device().write(to + done, part);
                    done += count;
                    step.done(count);
                }
                moves.put(group.address(), new Moved(group.address(), to, group.lengthBytes()));
            }
        }
    }

    /** The merged tree with the chunks where they are now. */
    private final class Moving implements MergeRound.Rewrite {
        private final ContainerAllocator allocator;
        private final NavigableMap<Long, Moved> moves;
        private final KeptHeads heads;
        private final TreeSet<ContainerId> manifest = new TreeSet<>();

        Moving(ContainerAllocator allocator, NavigableMap<Long, Moved> moves, KeptHeads heads) {
            this.allocator = allocator;
            this.moves = moves;
            this.heads = heads;
        }

        @Override
        public TreeSource of(TreeSource merged) {
            return new MovedTree(merged);
        }

        @Override
        public Set<ContainerId> manifest(Set<ContainerId> ofInputs) {
            return manifest;
        }

        @Override
        public void written() throws IOException {
            heads.keep();
            context.tier().control().pin(movedPins());
        }

        /** What was pinned stays so where it is now; the old places are forgotten with theirs. */
        private List<DeviceExtent> movedPins() throws IOException {
            List<DeviceExtent> pins = new ArrayList<>();
            for (DeviceExtent pinned : context.tier().control().pinned()) {
                Long first = moves.floorKey(pinned.address());
                for (Moved move :
                        moves.subMap(first == null ? pinned.address() : first, pinned.end())
                                .values()) {
                    long from = Math.max(pinned.address(), move.from());
                    long to = Math.min(pinned.end(), move.from() + move.length());
                    if (from < to) {
                        pins.add(new DeviceExtent(movedTo(from), to - from));
                    }
                }
            }
            return pins;
        }

        private final class MovedTree implements TreeSource {
            private final TreeSource tree;
            private final Map<Long, Long> sizes = new HashMap<>();

            MovedTree(TreeSource tree) {
                this.tree = tree;
            }

            @Override
            public long rootKey() {
                return tree.rootKey();
            }

            @Override
            public void children(long directoryKey, ChildSink sink) throws IOException {
                tree.children(directoryKey, sink);
            }

            @Override
            public InodeAttributes attributes(long key) throws IOException {
                InodeAttributes attributes = tree.attributes(key);
                sizes.put(key, attributes.size());
                return attributes;
            }

            @Override
            public List<Xattr> xattrs(long key) throws IOException {
                return tree.xattrs(key);
            }

            @Override
            public byte[] symlinkTarget(long key) throws IOException {
                return tree.symlinkTarget(key);
            }

            @Override
            public ChunkList chunks(long key) throws IOException {
                ChunkList before = tree.chunks(key);
                long[] blocks = before.blocks().clone();
                boolean moved = false;
                for (int i = 0; i < blocks.length; i++) {
                    if (blocks[i] != ChunkList.HOLE) {
                        long address = blocks[i] * geometry.blockBytes();
                        long now = movedTo(address);
                        moved |= now != address;
                        blocks[i] = now / geometry.blockBytes();
                        manifest.add(allocator.containerOf(now));
                    }
                }
                ChunkList after = new ChunkList(before.chunkBits(), before.deviceId(), blocks);
                Long size = sizes.get(key);
                if (moved && size != null) {
                    heads.add("", size, after);
                }
                return after;
            }
        }

        private long movedTo(long address) {
            Map.Entry<Long, Moved> move = moves.floorEntry(address);
            return move == null || address >= move.getValue().from() + move.getValue().length()
                    ? address
                    : move.getValue().to() + (address - move.getValue().from());
        }
    }
}

package io.arcfs.overlay.round;

import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.ImageRecord;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The containers of a volume as the catalog has them, and which round works in which: a container
 * belongs to one round at a time, so that a round that fails gives back exactly what it took.
 *
 * <p>Thread-safe.
 */
public final class Allocations {
    private final Catalog catalog;
    private final Tier tier;
    private final Geometry geometry;
    private final TreeMap<Integer, ContainerRecord> committed = new TreeMap<>();
    private final Set<Integer> leased = new HashSet<>();
    private long lastCommit;

    private Allocations(Catalog catalog, Tier tier) {
        this.catalog = catalog;
        this.tier = tier;
        this.geometry = tier.geometry();
    }

    public static Allocations open(Catalog catalog, Tier tier) throws IOException {
        Allocations allocations = new Allocations(catalog, tier);
        for (ContainerRecord container : catalog.containers()) {
            allocations.committed.put(container.id().number(), container);
        }
        for (LayerRecord layer : catalog.layers()) {
            ImageRecord image = layer.image();
            if (image != null) {
                allocations.lastCommit = Math.max(allocations.lastCommit, image.commit());
            }
        }
        return allocations;
    }

    /** Starts a round's own allocations. */
    ContainerAllocator round() {
        return new ContainerAllocator(this, tier);
    }

    /** Number of the commit that will activate an image: higher than all before. */
    synchronized long nextCommit() {
        return ++lastCommit;
    }

    Geometry geometry() {
        return geometry;
    }

    /** Room at the end of a container that still takes bytes. */
    long room(ContainerRecord container) {
        return container.closed()
                ? 0
                : geometry.dataEnd(container.id().number()) - container.usedEnd();
    }

    /** An open container with that much room, or null; it is the caller's from now on. */
    synchronized @Nullable ContainerRecord lease(long lengthBytes) {
        for (ContainerRecord container : committed.values()) {
            if (room(container) >= lengthBytes && leased.add(container.id().number())) {
                return container;
            }
        }
        return null;
    }

    /** Every open container that no round works in; they are the caller's from now on. */
    synchronized List<ContainerRecord> leaseOpen() {
        return committed.values().stream()
                .filter(c -> !c.closed() && leased.add(c.id().number()))
                .toList();
    }

    /** A container that nobody uses, opened in the tier; it is the caller's from now on. */
    synchronized ContainerRecord leaseNew() throws IOException {
        int number = 0;
        // The lowest that is free: released ones are used again under their next sequence.
        while (committed.containsKey(number) || leased.contains(number)) {
            number++;
        }
        if (number >= geometry.containers()) {
            throw new FsException(Reason.NO_SPACE, "all " + number + " containers are used");
        }
        ContainerId id = new ContainerId(number, tier.control().nextSequence(number));
        Faults.before(Operation.ALLOCATE, id.toString());
        tier.control().open(id);
        leased.add(number);
        return new ContainerRecord(id, geometry.firstDataAddress(number), false);
    }

    /** The container and sequence that a committed address belongs to, or null. */
    synchronized @Nullable ContainerRecord get(int number) {
        return committed.get(number);
    }

    /** The catalog has these now; they are free for other rounds. */
    synchronized void committed(Collection<ContainerRecord> containers) {
        for (ContainerRecord container : containers) {
            committed.put(container.id().number(), container);
            leased.remove(container.id().number());
        }
    }

    /** Nothing refers to the container any more, and the catalog has forgotten it. */
    synchronized void released(int number) {
        committed.remove(number);
    }

    /**
     * A round gives up: what it opened is forgotten, what it wrote elsewhere does not count. But a
     * commit that failed may have reached the catalog: what that names stays the round's, so that
     * nothing is written over it, and the next open goes on from there.
     */
    synchronized void abandoned(Collection<ContainerRecord> containers) throws IOException {
        Set<ContainerRecord> inDoubt = new HashSet<>(catalog.containers());
        for (ContainerRecord container : containers) {
            int number = container.id().number();
            ContainerRecord before = committed.get(number);
            if (inDoubt.contains(container) && !container.equals(before)) {
                continue;
            }
            if (before == null) {
                tier.control().discard(container.id());
            }
            leased.remove(number);
        }
    }
}

package io.arcfs.tier.local;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.RangeSet;
import io.arcfs.tier.catalog.TierCatalog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What people asked to keep on the SSD, by ranges of containers, kept in the catalog. Thread-safe.
 */
final class Pins {
    private static final String NOTE = "pins of ";
    private static final Pattern NAME = Pattern.compile("(\\d{8,10})\\.(\\d{4,10})");

    private final TierCatalog catalog;
    private final Geometry geometry;
    private final Map<ContainerId, RangeSet> containers = new HashMap<>(); // guarded by this

    private Pins(TierCatalog catalog, Geometry geometry) {
        this.catalog = catalog;
        this.geometry = geometry;
    }

    static Pins open(TierCatalog catalog, Geometry geometry) throws IOException {
        Pins pins = new Pins(catalog, geometry);
        for (String note : catalog.notes(NOTE)) {
            Matcher name = NAME.matcher(note.substring(NOTE.length()));
            byte[] value = catalog.note(note).orElse(null);
            if (name.matches() && value != null) {
                ContainerId id =
                        new ContainerId(
                                Integer.parseInt(name.group(1)), Integer.parseInt(name.group(2)));
                pins.containers.put(id, RangeSet.decode(value));
            }
        }
        return pins;
    }

    private static String note(ContainerId id) {
        return String.format(Locale.ROOT, "%s%08d.%04d", NOTE, id.number(), id.sequence());
    }

    /**
     * @param start offset in the container
     */
    synchronized void pin(ContainerId id, long start, long end) throws IOException {
        RangeSet set = containers.computeIfAbsent(id, i -> new RangeSet());
        set.add(start, end);
        catalog.putNote(note(id), set.encode());
    }

    synchronized void unpin(ContainerId id, long start, long end) throws IOException {
        RangeSet set = containers.get(id);
        if (set == null) {
            return;
        }
        set.remove(start, end);
        if (set.isEmpty()) {
            forget(id);
        } else {
            catalog.putNote(note(id), set.encode());
        }
    }

    /** The container is released. Idempotent. */
    synchronized void forget(ContainerId id) throws IOException {
        containers.remove(id);
        catalog.putNote(note(id), null);
    }

    /** Containers of which something is pinned. */
    synchronized List<ContainerId> containers() {
        return List.copyOf(containers.keySet());
    }

    /** Objects of the container that hold at least one pinned byte. */
    synchronized BitSet objects(ContainerId id) {
        BitSet objects = new BitSet();
        RangeSet set = containers.get(id);
        if (set != null) {
            for (RangeSet.Range range : set.list()) {
                int first = Math.toIntExact(range.start() / geometry.objectBytes());
                int last = Math.toIntExact((range.end() - 1) / geometry.objectBytes());
                objects.set(first, last + 1);
            }
        }
        return objects;
    }

    /** What is pinned, as extents of the device, by address. */
    synchronized List<DeviceExtent> extents() {
        List<DeviceExtent> extents = new ArrayList<>();
        containers.forEach((id, set) -> {
            long start = geometry.containerStart(id.number());
            for (RangeSet.Range range : set.list()) {
                extents.add(new DeviceExtent(start + range.start(), range.length()));
            }
        });
        extents.sort(Comparator.comparingLong(DeviceExtent::address));
        return extents;
    }

    /** Pinned bytes of all containers. */
    synchronized long bytes() {
        return containers.values().stream()
                .flatMap(set -> set.list().stream())
                .mapToLong(RangeSet.Range::length)
                .sum();
    }
}

package io.arcfs.recovery.fsck;

import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who uses which addresses of the device: every run has one owner, an inode or an image. Confined
 * to one thread.
 */
final class AddressUse {
    private final Geometry geometry;
    private final Map<Integer, ContainerRecord> containers;
    private final Findings findings;
    private long[] addresses = new long[1024];
    private long[] lengths = new long[1024];
    private long[] owners = new long[1024];
    private int count;

    AddressUse(Geometry geometry, Map<Integer, ContainerRecord> containers, Findings findings) {
        this.geometry = geometry;
        this.containers = containers;
        this.findings = findings;
    }

    /**
     * Notes a use.
     *
     * @param owner an inode's number, or the complement of an image's place in the stack
     * @param manifest containers the user says that it needs; empty: it says nothing
     */
    void use(String user, long owner, DeviceExtent extent, Collection<ContainerId> manifest) {
        long end = extent.end();
        if (extent.lengthBytes() <= 0 || extent.address() < 0 || end > geometry.deviceBytes()) {
            findings.error(Kind.ADDRESS, user, "refers to " + text(extent) + ", off the device");
            return;
        }
        int number = geometry.containerOf(extent.address());
        ContainerRecord container = containers.get(number);
        if (container == null) {
            findings.error(
                    Kind.ADDRESS,
                    user,
                    "refers to "
                            + text(extent)
                            + " in container "
                            + number
                            + ", which nobody gave out");
        } else if (extent.address() < geometry.firstDataAddress(number)
                || end > geometry.roundUpToBlock(container.usedEnd())) {
            findings.error(
                    Kind.ADDRESS,
                    user,
                    "refers to " + text(extent) + ", outside of what " + container.id() + " holds");
        } else if (!manifest.isEmpty() && !manifest.contains(container.id())) {
            findings.error(
                    Kind.ADDRESS,
                    user,
                    "refers to "
                            + text(extent)
                            + " in "
                            + container.id()
                            + ", not in its manifest");
        }
        if (count == addresses.length) {
            addresses = Arrays.copyOf(addresses, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
            owners = Arrays.copyOf(owners, 2 * count);
        }
        addresses[count] = extent.address();
        lengths[count] = geometry.roundUpToBlock(extent.lengthBytes());
        owners[count++] = owner;
    }

    private static String text(DeviceExtent extent) {
        return "addresses " + extent.address() + " to " + extent.end();
    }

    /** Finds what two owners use, and counts what nobody does. */
    void finish() {
        Integer[] order = new Integer[count];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Long.compare(addresses[a], addresses[b]));
        Map<Integer, Long> used = new TreeMap<>();
        long end = 0;
        long owner = 0;
        for (int i : order) {
            if (addresses[i] < end && owners[i] != owner) {
                findings.error(
                        Kind.ADDRESS,
                        owner(owners[i]),
                        "shares address " + addresses[i] + " with " + owner(owner));
            }
            long from = Math.max(end, addresses[i]);
            long to = addresses[i] + lengths[i];
            if (to > from) {
                used.merge(geometry.containerOf(addresses[i]), to - from, Long::sum);
                end = to;
                owner = owners[i];
            }
        }
        containers.forEach((number, container) -> {
            long given = container.usedEnd() - geometry.firstDataAddress(number);
            long dead = given - used.getOrDefault(number, 0L);
            if (dead > 0) {
                findings.note(
                        Kind.ADDRESS,
                        container.id().toString(),
                        dead + " of " + given + " bytes belong to nothing any more");
            }
        });
    }

    private static String owner(long owner) {
        return owner < 0 ? "image " + ~owner : "inode " + owner;
    }
}

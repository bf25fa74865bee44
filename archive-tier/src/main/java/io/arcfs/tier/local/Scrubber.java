package io.arcfs.tier.local;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.TierMaintenance.Damage;
import io.arcfs.tier.TierMaintenance.VerifyReport;
import io.arcfs.tier.TierMaintenance.VerifyRequest;
import io.arcfs.tier.TierStatus;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.Medium;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads every object on the media and holds it against its container's footer, in the order in
 * which they lie there. Remembers after each container where it was, so that the next run goes on
 * from there. One run at a time; thread-safe.
 */
final class Scrubber {
    private static final String POSITION = "verified up to ";
    private static final BitSet NOTHING = new BitSet();

    private final SlotContext context;
    private final SlotTable slots;
    private final MediaPool pool;
    private final Destager destager;
    private final LastChecks checks;
    private final BufferPool buffers;
    private volatile TierStatus.@Nullable Work work;

    Scrubber(
            SlotContext context,
            SlotTable slots,
            MediaPool pool,
            Destager destager,
            LastChecks checks) {
        this.checks = checks;
        this.context = context;
        this.slots = slots;
        this.pool = pool;
        this.destager = destager;
        this.buffers = new BufferPool(context.geometry().objectBytes(), 1);
    }

    /** A copy to be read. */
    private record Copy(ContainerSlot slot, String place, long position) {}

    /** What a run has found so far. Confined to the run. */
    private static final class Findings {
        final List<Damage> damaged = new ArrayList<>();
        long objects;
        long bytes;
    }

    /**
     * @param progress told after each container
     */
    synchronized VerifyReport run(VerifyRequest request, Consumer<TierStatus.Work> progress)
            throws IOException {
        Findings findings = new Findings();
        Task task = new Task(request, endNanos(request), selected(request.only()));
        boolean complete = true;
        try {
            for (PooledMedium medium : pool.media()) {
                complete &= scrub(medium, task, findings, progress);
            }
        } finally {
            work = null;
        }
        if (complete && task.isWhole()) {
            for (String note : context.catalog().notes(POSITION)) {
                context.catalog().putNote(note, null);
            }
        }
        return new VerifyReport(
                findings.objects, findings.bytes, List.copyOf(findings.damaged), complete);
    }

    /**
     * What a run is to do.
     *
     * @param selected objects of containers; null: all
     */
    private record Task(
            VerifyRequest request, long endNanos, @Nullable Map<Integer, BitSet> selected) {
        /** Only a run over everything remembers where it was. */
        boolean isWhole() {
            return selected == null;
        }

        boolean isOver() {
            return System.nanoTime() - endNanos >= 0;
        }

        boolean concerns(ContainerSlot slot) {
            return selected == null || selected.containsKey(slot.id().number());
        }

        boolean concerns(ContainerSlot slot, int object) {
            return selected == null
                    || selected.getOrDefault(slot.id().number(), NOTHING).get(object);
        }
    }

    private static long endNanos(VerifyRequest request) {
        // A century is far enough, and does not overflow.
        long seconds = Math.min(request.mostSeconds(), TimeUnit.DAYS.toSeconds(36_500));
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    private @Nullable Map<Integer, BitSet> selected(List<DeviceExtent> only) {
        return only.isEmpty()
                ? null
                : CoveredObjects.touching(
                        only,
                        context.geometry(),
                        number -> {
                            ContainerSlot slot = slots.get(number);
                            return slot == null ? 0 : slot.usedBlocksEnd();
                        });
    }

    /** What is being verified now. */
    List<TierStatus.Work> work() {
        TierStatus.Work now = work;
        return now == null ? List.of() : List.of(now);
    }

    /** Returns whether it got to the medium's end. */
    private boolean scrub(
            PooledMedium medium, Task task, Findings findings, Consumer<TierStatus.Work> progress)
            throws IOException {
        Medium open;
        try {
            open = medium.open();
        } catch (IOException e) {
            findings.damaged.add(
                    new Damage(
                            medium.spec(),
                            "cannot be opened: " + e.getMessage(),
                            new DeviceExtent(0, 0),
                            false));
            return true;
        }
        List<Copy> copies = copiesOn(open);
        copies.removeIf(copy -> !task.concerns(copy.slot));
        long total = copies.stream().mapToLong(copy -> copy.slot.usedBlocksEnd()).sum();
        long done = 0;
        String note = POSITION + open.id();
        long from =
                task.isWhole()
                        ? context.catalog()
                                .note(note)
                                .map(b -> ByteBuffer.wrap(b).getLong())
                                .orElse(-1L)
                        : -1L;
        for (Copy copy : copies) {
            done += copy.slot.usedBlocksEnd();
            if (copy.position <= from) {
                continue;
            }
            if (task.isOver()) {
                return false;
            }
            scrub(medium, open, copy, task, findings);
            if (task.isWhole()) {
                context.catalog()
                        .putNote(note, ByteBuffer.allocate(8).putLong(copy.position).array());
            }
            TierStatus.Work now = new TierStatus.Work("verify", medium.spec(), done, total);
            work = now;
            progress.accept(now);
        }
        return true;
    }

    private List<Copy> copiesOn(Medium medium) {
        List<Copy> copies = new ArrayList<>();
        for (ContainerSlot slot : slots.all()) {
            for (Placement placement : slot.placements()) {
                if (placement.medium().equals(medium.id())) {
                    copies.add(new Copy(slot, placement.place(), position(medium, placement)));
                }
            }
        }
        copies.sort(Comparator.comparingLong(Copy::position));
        return copies;
    }

    /** A place the medium does not know comes first; reading it says what is wrong. */
    private static long position(Medium medium, Placement placement) {
        try {
            return medium.position(placement.place());
        } catch (IOException e) {
            return 0;
        }
    }

    private void scrub(PooledMedium medium, Medium open, Copy copy, Task task, Findings findings)
            throws IOException {
        ObjectTable objects = copy.slot.objects();
        List<Integer> bad = new ArrayList<>();
        List<String> why = new ArrayList<>();
        MemorySegment buffer = buffers.take();
        try {
            for (int object = 0; object < objects.count(); object++) {
                if (!task.concerns(copy.slot, object)) {
                    continue;
                }
                MemorySegment bytes = buffer.asSlice(0, objects.length(object));
                String wrong = check(open, copy, objects, object, bytes);
                findings.objects++;
                findings.bytes += bytes.byteSize();
                medium.objectsVerified.incrementAndGet();
                if (wrong != null) {
                    bad.add(object);
                    why.add(wrong);
                }
            }
        } finally {
            buffers.give(buffer);
        }
        if (copy.slot.isReleased()) {
            return; // meanwhile: nobody needs it, and its place was freed
        }
        if (bad.isEmpty()) {
            if (task.isWhole()) {
                medium.repaired(copy.slot.id());
                checks.checked(copy.slot.id(), open.id());
            }
            return;
        }
        boolean repaired = task.request.repair() && repair(copy.slot, open.id());
        ContainerId id = copy.slot.id();
        long start = context.geometry().containerStart(id.number());
        for (int i = 0; i < bad.size(); i++) {
            int object = bad.get(i);
            if (!repaired) {
                medium.gaveWrongBytes(id + " object " + object + " " + why.get(i));
            }
            findings.damaged.add(
                    new Damage(
                            medium.spec(),
                            id + " object " + object + " " + why.get(i),
                            new DeviceExtent(
                                    start + objects.offset(object), objects.length(object)),
                            repaired));
        }
    }

    private static @Nullable String check(
            Medium open, Copy copy, ObjectTable objects, int object, MemorySegment bytes) {
        try {
            open.read(copy.place, objects.offset(object), bytes);
        } catch (IOException e) {
            return "cannot be read: " + e.getMessage();
        }
        return Checksums.crc32c(bytes) == objects.crc(object) ? null : "is damaged";
    }

    private boolean repair(ContainerSlot slot, UUID medium) {
        destager.repair(slot, medium);
        try {
            destager.await();
        } catch (IOException e) {
            return false; // status says why
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        Optional<PooledMedium> after = pool.byId(medium);
        return after.isPresent()
                && context.problems().lines().stream()
                        .noneMatch(line ->
                                line.startsWith(
                                        "repair " + slot.id() + " on " + after.get().spec()));
    }
}

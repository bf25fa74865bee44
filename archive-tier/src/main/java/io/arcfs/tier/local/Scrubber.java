package io.arcfs.tier.local;

import io.arcfs.posix.BufferPool;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.TierMaintenance.Damage;
import io.arcfs.tier.TierMaintenance.VerifyReport;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads every object on the media and holds it against its container's footer, in the order in
 * which they lie there. Remembers after each container where it was, so that the next run goes on
 * from there. One run at a time; thread-safe.
 */
final class Scrubber {
    private static final String POSITION = "verified up to ";

    private final SlotContext context;
    private final SlotTable slots;
    private final MediaPool pool;
    private final Destager destager;
    private final BufferPool buffers;

    Scrubber(SlotContext context, SlotTable slots, MediaPool pool, Destager destager) {
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

    synchronized VerifyReport run(Duration most, boolean repair, Consumer<TierStatus.Work> progress)
            throws IOException {
        long end = System.nanoTime() + most.toNanos();
        Findings findings = new Findings();
        boolean complete = true;
        for (PooledMedium medium : pool.media()) {
            complete &= scrub(medium, end, repair, findings, progress);
        }
        if (complete) {
            for (String note : context.catalog().notes(POSITION)) {
                context.catalog().putNote(note, null);
            }
        }
        return new VerifyReport(
                findings.objects, findings.bytes, List.copyOf(findings.damaged), complete);
    }

    /** Returns whether it got to the medium's end. */
    private boolean scrub(
            PooledMedium medium,
            long endNanos,
            boolean repair,
            Findings findings,
            Consumer<TierStatus.Work> progress)
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
        long total = copies.stream().mapToLong(copy -> copy.slot.usedBlocksEnd()).sum();
        long done = 0;
        String note = POSITION + open.id();
        long from = context.catalog().note(note).map(b -> ByteBuffer.wrap(b).getLong()).orElse(-1L);
        for (Copy copy : copies) {
            done += copy.slot.usedBlocksEnd();
            if (copy.position <= from) {
                continue;
            }
            if (System.nanoTime() - endNanos >= 0) {
                return false;
            }
            scrub(medium, open, copy, repair, findings);
            context.catalog().putNote(note, ByteBuffer.allocate(8).putLong(copy.position).array());
            progress.accept(new TierStatus.Work("verify", medium.spec(), done, total));
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

    private void scrub(
            PooledMedium medium, Medium open, Copy copy, boolean repair, Findings findings)
            throws IOException {
        ObjectTable objects = copy.slot.objects();
        List<Integer> bad = new ArrayList<>();
        List<String> why = new ArrayList<>();
        MemorySegment buffer = buffers.take();
        try {
            for (int object = 0; object < objects.count(); object++) {
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
        if (bad.isEmpty()) {
            medium.repaired(copy.slot.id());
            return;
        }
        boolean repaired = repair && repair(copy.slot, open.id());
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

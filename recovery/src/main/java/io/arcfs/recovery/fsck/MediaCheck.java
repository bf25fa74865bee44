package io.arcfs.recovery.fsck;

import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.Checksums;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.Medium;
import io.arcfs.tier.medium.MediumOpener;
import io.arcfs.tier.medium.MediumSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Holds what the media have against what the tier's catalog says they have. */
final class MediaCheck {
    private final Subject volume;
    private final Map<String, UUID> known;
    private final Map<ContainerId, Footer> footers;
    private final Set<ContainerId> wholeOnSsd;
    private final boolean readData;
    private final long lastCommit;
    private final Findings findings;

    /** How many copies of each container were found whole, so far as was looked. */
    private final Map<ContainerId, Integer> whole = new HashMap<>();

    private final Map<ContainerId, String> damaged = new HashMap<>();

    MediaCheck(
            Subject volume,
            Map<String, UUID> known,
            Map<ContainerId, Footer> footers,
            Set<ContainerId> wholeOnSsd,
            boolean readData,
            long lastCommit,
            Findings findings) {
        this.volume = volume;
        this.known = known;
        this.footers = footers;
        this.wholeOnSsd = wholeOnSsd;
        this.readData = readData;
        this.lastCommit = lastCommit;
        this.findings = findings;
    }

    void check() {
        Set<UUID> seen = new HashSet<>();
        for (ColdSpec spec : volume.descriptor().cold()) {
            String text = spec.resolveIn(volume.layout().directory()).toString();
            UUID id = known.get(text);
            if (id == null) {
                findings.note(Kind.MEDIUM, text, "was never used");
                continue;
            }
            try (Medium medium =
                    MediumOpener.open(
                            MediumSpec.parse(text, volume.layout().directory()),
                            volume.descriptor().uuid(),
                            volume.geometry(),
                            id)) {
                seen.add(id);
                check(text, medium);
            } catch (IOException e) {
                findings.error(Kind.MEDIUM, text, "is offline: " + e.getMessage());
            }
        }
        damaged.forEach((id, what) -> {
            if (whole.getOrDefault(id, 0) > 0) {
                findings.repairable(
                        Kind.COLD_COPY, id.toString(), what + "; another copy is whole");
            } else if (wholeOnSsd.contains(id)) {
                findings.repairable(
                        Kind.COLD_COPY, id.toString(), what + "; the copy on the SSD is whole");
            } else {
                findings.error(Kind.COLD_COPY, id.toString(), what + "; no other copy is whole");
            }
        });
        for (ContainerRow row : volume.rows().values()) {
            for (Placement placement : row.placements()) {
                if (!seen.contains(placement.medium())
                        && !known.containsValue(placement.medium())) {
                    findings.error(
                            Kind.COLD_COPY,
                            row.id().toString(),
                            "has a copy on medium " + placement.medium() + ", which nobody names");
                }
            }
        }
    }

    private void check(String text, Medium medium) throws IOException {
        Medium.Listing listing = medium.list();
        Map<String, Footer> places = new HashMap<>();
        listing.whole().forEach(stored -> places.put(stored.place(), stored.footer()));
        Set<String> ours = new HashSet<>();
        for (ContainerRow row : volume.rows().values()) {
            for (Placement placement : row.placements()) {
                if (placement.medium().equals(medium.id())) {
                    ours.add(placement.place());
                    checkCopy(text, medium, row, placement, places.get(placement.place()));
                }
            }
        }
        for (Map.Entry<String, Footer> place : places.entrySet()) {
            if (ours.contains(place.getKey())) {
                continue;
            }
            if (place.getValue().images().stream().anyMatch(i -> i.commit() > lastCommit)) {
                findings.error(
                        Kind.MEDIUM,
                        text + " " + place.getKey(),
                        "holds an image of a later life: the volume is an older backup, or a copy");
            } else {
                findings.note(
                        Kind.LEFTOVER,
                        text + " " + place.getKey(),
                        place.getValue().container() + ", which the catalog does not know there");
            }
        }
        for (String line : listing.damaged()) {
            findings.note(Kind.MEDIUM, text, "a place without a whole footer: " + line);
        }
    }

    private void checkCopy(
            String text,
            Medium medium,
            ContainerRow row,
            Placement placement,
            @Nullable Footer there) {
        String where = text + " " + placement.place();
        Footer footer = footers.get(row.id());
        if (there == null) {
            damaged.put(row.id(), where + ": is gone, or its footer is damaged");
        } else if (footer != null
                && (!there.container().equals(row.id())
                        || !Arrays.equals(there.sha256(), footer.sha256()))) {
            damaged.put(row.id(), where + ": holds " + there.container() + " with other bytes");
        } else if (readData && footer != null) {
            String wrong = firstWrong(medium, placement, footer.objects());
            if (wrong == null) {
                whole.merge(row.id(), 1, Integer::sum);
            } else {
                damaged.put(row.id(), where + ": " + wrong);
            }
        } else {
            whole.merge(row.id(), 1, Integer::sum);
        }
    }

    private static @Nullable String firstWrong(
            Medium medium, Placement placement, ObjectTable objects) {
        try (Arena arena = Arena.ofConfined()) {
            for (int object = 0; object < objects.count(); object++) {
                MemorySegment bytes = arena.allocate(objects.length(object), 4096);
                medium.read(placement.place(), objects.offset(object), bytes);
                if (Checksums.crc32c(bytes) != objects.crc(object)) {
                    return "object " + object + " is damaged";
                }
            }
            return null;
        } catch (IOException e) {
            return "cannot be read: " + e.getMessage();
        }
    }
}

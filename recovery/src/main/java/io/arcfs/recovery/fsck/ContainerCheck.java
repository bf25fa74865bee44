package io.arcfs.recovery.fsck;

import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.recovery.fsck.Finding.Kind;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.RocksTierCatalog;
import io.arcfs.tier.container.Footer;
import io.arcfs.tier.container.FooterReader;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.ssd.CacheFile;
import io.arcfs.tier.ssd.SsdDirectory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Holds the two catalogs' containers, and their SSD copies, against each other. */
final class ContainerCheck {
    private final Subject volume;
    private final RocksTierCatalog tierCatalog;
    private final Findings findings;
    private final Map<ContainerId, Footer> footers = new HashMap<>();
    private final Set<ContainerId> wholeOnSsd = new HashSet<>();

    ContainerCheck(Subject volume, RocksTierCatalog tierCatalog, Findings findings) {
        this.volume = volume;
        this.tierCatalog = tierCatalog;
        this.findings = findings;
    }

    /** Footers of the tier's catalog that are whole. */
    Map<ContainerId, Footer> footers() {
        return footers;
    }

    /** Containers on media of which the SSD has every byte, too. */
    Set<ContainerId> wholeOnSsd() {
        return wholeOnSsd;
    }

    void checkCatalogs() {
        volume.containers()
                .forEach((number, container) -> {
                    ContainerRow row = volume.rows().get(number);
                    if (row == null || !row.id().equals(container.id())) {
                        findings.error(
                                Kind.CONTAINER,
                                container.id().toString(),
                                row == null
                                        ? "is lost: the tier does not know it"
                                        : "is lost: the tier has " + row.id());
                    }
                });
        for (ContainerRow row : volume.rows().values()) {
            findings.guard(Kind.CONTAINER, row.id().toString(), () -> check(row));
        }
    }

    private void check(ContainerRow row) throws IOException {
        String subject = row.id().toString();
        ContainerRecord known = volume.containers().get(row.id().number());
        boolean open = row.state() == ContainerState.OPEN;
        if (known == null && volume.catalog() != null) {
            if (open) {
                findings.note(
                        Kind.LEFTOVER, subject, "no commit names it; the next mount drops it");
            } else {
                findings.error(Kind.CONTAINER, subject, "is closed, and no commit names it");
            }
        }
        if (open) {
            if (known != null && known.closed()) {
                findings.note(Kind.LEFTOVER, subject, "is to be closed at the next mount");
            }
            return;
        }
        long start = volume.geometry().containerStart(row.id().number());
        if (known != null && known.id().equals(row.id())) {
            if (!known.closed()) {
                findings.error(Kind.CONTAINER, subject, "is closed in the tier only");
            } else if (known.usedEnd() - start != row.usedBytes()) {
                findings.error(
                        Kind.CONTAINER,
                        subject,
                        "holds %d bytes in the tier, %d in the namespace"
                                .formatted(row.usedBytes(), known.usedEnd() - start));
            }
        }
        Optional<byte[]> bytes = tierCatalog.footer(row.id());
        if (bytes.isEmpty()) {
            findings.error(Kind.TIER_CATALOG, subject, "has no footer in the catalog");
            return;
        }
        Footer footer = FooterReader.decode(bytes.get(), "tier catalog, " + subject);
        if (!footer.container().equals(row.id())
                || !footer.volume().equals(volume.descriptor().uuid())
                || footer.usedBytes() != row.usedBytes()) {
            findings.error(Kind.TIER_CATALOG, subject, "its footer speaks of something else");
            return;
        }
        footers.put(row.id(), footer);
        if (row.state() != ContainerState.STAGED
                && row.placements().size() < volume.descriptor().copies()) {
            findings.repairable(
                    Kind.CONTAINER,
                    subject,
                    "is on %d media, %d are asked for; a mount makes the rest"
                            .formatted(row.placements().size(), volume.descriptor().copies()));
        }
    }

    void checkSsd() throws IOException {
        if (!Files.isDirectory(volume.file("ssd"))) {
            findings.note(Kind.SSD_COPY, "ssd", "is not there");
        }
        SsdDirectory ssd = SsdDirectory.open(volume.file("ssd"));
        for (ContainerId id : ssd.list()) {
            ContainerRow row = volume.rows().get(id.number());
            if (row == null || !row.id().equals(id)) {
                findings.note(
                        Kind.LEFTOVER,
                        "ssd/" + SsdDirectory.fileName(id),
                        "of no container in use");
            }
        }
        for (ContainerRow row : volume.rows().values()) {
            findings.guard(
                    Kind.SSD_COPY,
                    "ssd/" + SsdDirectory.fileName(row.id()),
                    () -> checkSsd(row, ssd));
        }
    }

    private void checkSsd(ContainerRow row, SsdDirectory ssd) throws IOException {
        String subject = "ssd/" + SsdDirectory.fileName(row.id());
        boolean only = row.state() == ContainerState.OPEN || row.state() == ContainerState.STAGED;
        if (!ssd.holdsData(row.id())) {
            if (only) {
                findings.error(Kind.SSD_COPY, subject, "is gone, and its bytes are nowhere else");
            } else if (row.state() == ContainerState.COLD) {
                findings.note(Kind.SSD_COPY, subject, "is gone; it will be recalled");
            }
            return;
        }
        CacheFile opened;
        try {
            opened = CacheFile.open(ssd, volume.descriptor().uuid(), row.id(), volume.geometry());
        } catch (IOException e) {
            Footer footer = footers.get(row.id());
            if (row.state() == ContainerState.OPEN || footer == null) {
                findings.error(Kind.SSD_COPY, subject, "cannot be opened: " + e.getMessage());
            } else {
                findings.repairable(
                        Kind.SSD_COPY, subject, "its checksums are unusable: " + e.getMessage());
            }
            return;
        }
        try (CacheFile cache = opened;
                Arena arena = Arena.ofConfined()) {
            checkBlocks(row, cache, subject, only, arena);
        }
    }

    private void checkBlocks(
            ContainerRow row, CacheFile cache, String subject, boolean only, Arena arena)
            throws IOException {
        int objectBytes = volume.geometry().objectBytes();
        MemorySegment buffer = arena.allocate(objectBytes, 4096);
        Footer footer = footers.get(row.id());
        ObjectTable objects = footer == null ? null : footer.objects();
        ContainerRecord known = volume.containers().get(row.id().number());
        long used =
                row.state() == ContainerState.OPEN
                        ? known == null
                                ? 0
                                : known.usedEnd()
                                        - volume.geometry().containerStart(row.id().number())
                        : row.usedBytes();
        used = volume.geometry().roundUpToBlock(used);
        boolean whole = !only;
        for (int object = 0; (long) object * objectBytes < used; object++) {
            long from = (long) object * objectBytes;
            MemorySegment bytes = buffer.asSlice(0, Math.min(objectBytes, used - from));
            if (!only && !cache.isPresent(object)) {
                whole = false;
                continue;
            }
            long damagedAt = cache.read(from, bytes);
            if (damagedAt < 0) {
                continue;
            }
            whole = false;
            boolean checksumOnly =
                    objects != null
                            && object < objects.count()
                            && cache.readUnchecked(from, bytes) == bytes.byteSize()
                            && io.arcfs.tier.container.Checksums.crc32c(bytes)
                                    == objects.crc(object);
            String what = "block at " + damagedAt + " does not fit its checksum";
            if (checksumOnly) {
                findings.repairable(
                        Kind.SSD_COPY, subject, what + "; the checksum is what is damaged");
            } else if (only) {
                findings.error(Kind.SSD_COPY, subject, what + ", and is nowhere else");
            } else {
                findings.repairable(Kind.SSD_COPY, subject, what + "; it will be recalled");
            }
        }
        if (whole) {
            wholeOnSsd.add(row.id());
        }
    }
}

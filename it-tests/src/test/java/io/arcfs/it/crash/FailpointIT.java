package io.arcfs.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.overlay.FileSystem;
import io.arcfs.recovery.Volume;
import io.arcfs.recovery.fsck.Finding;
import io.arcfs.recovery.fsck.Fsck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Kills a process at every failpoint, on one volume that goes on from crash to crash, and holds
 * what is there after against what was promised before. A failpoint that is never reached fails the
 * test, and so does a run in which nothing was made durable.
 */
@Needs({})
class FailpointIT {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** A life in which containers become empty, and a clean end. */
    private static final String GC = "gc";

    /** What is reached many times a second is hit in the middle of things. */
    private static final Map<Failpoint, Integer> TIMES = new EnumMap<>(Failpoint.class);

    /** What must have happened before, so that opening has something to recover. */
    private static final Map<Failpoint, String> BEFORE = new EnumMap<>(Failpoint.class);

    /** Reached when the machine was booted since. */
    private static final Set<Failpoint> AFTER_BOOT =
            EnumSet.of(Failpoint.RECOVER_FILE_CUT, Failpoint.RECOVER_FILE_SETTLED);

    /**
     * Reached when a volume is made, rebuilt, or gives back while in use: other tests kill there.
     */
    static final Set<Failpoint> ELSEWHERE =
            EnumSet.of(
                    Failpoint.RELEASE_UNNAMED,
                    Failpoint.MEDIUM_LABELLED,
                    Failpoint.DESCRIPTOR_PUBLISHED,
                    Failpoint.REBUILD_BEGUN,
                    Failpoint.REBUILD_TIER_WRITTEN,
                    Failpoint.REBUILD_CATALOG_WRITTEN,
                    Failpoint.REBUILD_IMAGES_READ);

    static {
        for (Failpoint often :
                List.of(
                        Failpoint.APPEND_WRITTEN,
                        Failpoint.CHANGE_COMMITTED,
                        Failpoint.SYNC_DATA,
                        Failpoint.SYNC_NAMES,
                        Failpoint.SYNC_RECORDS,
                        Failpoint.SYNC_LOG,
                        Failpoint.APPEND_FILE_CREATED)) {
            TIMES.put(often, 25);
        }
        TIMES.put(Failpoint.LOG_WRITTEN, 5);
        for (Failpoint twice :
                List.of(
                        Failpoint.FLUSH_DATA_SYNCED,
                        Failpoint.BUILD_STORED,
                        Failpoint.SEAL_APPENDS_NOTED,
                        Failpoint.ACTIVATE_COMMITTED,
                        Failpoint.COPY_VERIFIED)) {
            TIMES.put(twice, 2);
        }
        BEFORE.put(Failpoint.RECOVER_IMAGE_SWEPT, "BUILD_DRAFT_WRITTEN");
        BEFORE.put(Failpoint.RECOVER_UPPER_DROPPED, "ACTIVATE_COMMITTED");
        BEFORE.put(Failpoint.RECOVER_FILE_FORGOTTEN, "ACTIVATE_COMMITTED");
        BEFORE.put(Failpoint.RECOVER_FILE_CUT, "APPEND_WRITTEN@30");
        BEFORE.put(Failpoint.RECOVER_FILE_SETTLED, "APPEND_WRITTEN@30");
        BEFORE.put(Failpoint.RECOVER_FILE_COMMITTED, "APPEND_WRITTEN@30");
        BEFORE.put(Failpoint.RECOVER_STRAY_REMOVED, "GARBAGE_FORGOTTEN");
        BEFORE.put(Failpoint.RECOVER_CONTAINER_ZEROED, "BUILD_FLUSHED@2");
        BEFORE.put(Failpoint.RECOVER_CACHE_REMOVED, "CACHE_NAMES_SYNCED");
        BEFORE.put(Failpoint.PUBLISH_SWEPT, "PUBLISH_SYNCED");
        BEFORE.put(Failpoint.COPY_FREED, "COPY_COMMITTED");
        for (Failpoint release :
                List.of(
                        Failpoint.RELEASE_NOTED,
                        Failpoint.RELEASE_FORGOTTEN,
                        Failpoint.RELEASE_FREED,
                        Failpoint.RELEASE_COMMITTED)) {
            BEFORE.put(release, GC);
        }
        BEFORE.put(Failpoint.DISCARD_FORGOTTEN, "CONTAINER_OPENED");
        BEFORE.put(Failpoint.DISCARD_DATA_REMOVED, "CONTAINER_OPENED");
        BEFORE.put(Failpoint.DISCARD_REMOVED, "CONTAINER_OPENED");
    }

    private final Path directory = Scratch.inMemory("failpoints");
    private final Path volume = directory.resolve("volume");
    private final List<Path> ledgers = new ArrayList<>();
    private int run;
    private long fsyncs;

    private void makeVolume() throws IOException {
        CrashVolume.make(
                volume,
                List.of(
                        "dir:" + Files.createDirectory(directory.resolve("cold")),
                        "block:" + directory.resolve("disk") + "?size=1G"),
                2);
    }

    @Test
    void whatWasPromisedHoldsAfterAKillAtEveryFailpoint() throws Exception {
        makeVolume();
        List<String> broken = new ArrayList<>();
        String only = System.getProperty("arcfs.crash.only", "");
        for (Failpoint point : Failpoint.values()) {
            if (ELSEWHERE.contains(point) || !(only.isEmpty() || only.contains(point.name()))) {
                continue;
            }
            try {
                broken.addAll(killAt(point));
            } catch (AssertionError e) {
                broken.add(
                        point
                                + ": "
                                + String.valueOf(e.getMessage())
                                        .lines()
                                        .filter(line -> !line.startsWith("\tat "))
                                        .limit(6)
                                        .toList());
            }
        }
        assertThat(broken).isEmpty();
        assertThat(fsyncs).as("acknowledged fsyncs").isGreaterThan(only.isEmpty() ? 100 : 0);
        Scratch.delete(directory);
    }

    /**
     * The same while the volume is in use (arc gc of a mounted volume): nothing is to be given back
     * when the volume is opened, so that the process dies where it gives back itself. Power is lost
     * at each of the steps in {@link PowerLossIT}.
     */
    @Test
    void containersThatGoWhileTheVolumeIsInUseAreNotMissedAfterAKill() throws Exception {
        makeVolume();
        List<String> broken = new ArrayList<>();
        for (String point : List.of("RELEASE_UNNAMED", "RELEASE_FORGOTTEN")) {
            CrashVolume.giveBackAll(volume);
            CrashProcess child =
                    start(
                            List.of("-Darcfs.failpoint=" + point + "=kill"),
                            30_000,
                            CrashChild.GIVES_BACK);
            assertThat(child.await(LONGEST))
                    .as("%s: not killed there: %s", point, child.output())
                    .isEqualTo(CrashProcess.KILLED);
            assertThat(CrashChild.diedGivingBack(child.output()))
                    .as("%s: killed elsewhere: %s", point, child.output())
                    .isTrue();
            CrashVolume.broken(volume, ledgers, Promise.Crash.PROCESS)
                    .forEach(line -> broken.add(point + ": " + line));
            forgetOld(Promise.Crash.PROCESS);
        }
        assertThat(broken).isEmpty();
        assertThat(Fsck.check(volume, true))
                .noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
        Scratch.delete(directory);
    }

    private List<String> killAt(Failpoint point) throws Exception {
        String before = BEFORE.get(point);
        if (GC.equals(before)) {
            CrashProcess child = start(List.of(), 1500, "rounds+gc");
            assertThat(child.await(LONGEST)).as(child.output()).isZero();
        } else if (before != null) {
            kill(before, point + " (before)");
            if (AFTER_BOOT.contains(point)) {
                CrashVolume.pretendReboot(volume);
            }
        }
        kill(property(point), point.name());
        // After power loss less is promised, and this was none: only that nothing is wrong.
        Promise.Crash crash =
                AFTER_BOOT.contains(point) ? Promise.Crash.POWER : Promise.Crash.PROCESS;
        List<String> broken =
                CrashVolume.broken(volume, ledgers, crash).stream()
                        .map(line -> point + ": " + line)
                        .toList();
        forgetOld(crash);
        return broken;
    }

    private static String property(Failpoint point) {
        return switch (point) {
            case APPEND_WITHDRAWN -> "APPEND_WRITTEN@20=eio,APPEND_WITHDRAWN";
            default -> point + "@" + TIMES.getOrDefault(point, 1);
        };
    }

    private CrashProcess start(List<String> options, int millis, String asked) throws IOException {
        run++;
        Path ledger = directory.resolve("ledger" + run);
        Files.createFile(ledger);
        ledgers.add(ledger);
        return CrashProcess.start(
                CrashChild.class, directory, options, volume, ledger, run * 10, run, millis, asked);
    }

    private void kill(String failpoint, String what) throws Exception {
        CrashProcess child = start(List.of("-Darcfs.failpoint=" + failpoint), 20_000, "rounds");
        int exit = child.await(LONGEST);
        assertThat(exit)
                .as("%s: the process was not killed there: %s", what, child.output())
                .isEqualTo(CrashProcess.KILLED);
        for (Ledger.History history : Ledger.read(ledgers.getLast()).values()) {
            fsyncs +=
                    history.steps().subList(0, history.acknowledged()).stream()
                            .filter(step -> step.verb().makesDurable())
                            .count();
        }
    }

    /** Keeps the volume small: what was right after two more crashes may go. */
    private void forgetOld(Promise.Crash crash) throws IOException {
        if (ledgers.size() <= 3 && crash == Promise.Crash.PROCESS) {
            return;
        }
        try (Volume open = Volume.open(volume)) {
            FileSystem fs = open.overlay().fileSystem();
            CrashTarget target = new DirectTarget(fs);
            while (ledgers.size() > (crash == Promise.Crash.PROCESS ? 3 : 0)) {
                for (int worker : Ledger.read(ledgers.removeFirst()).keySet()) {
                    Trees.remove(target, Workload.folder(worker));
                }
            }
        }
    }
}

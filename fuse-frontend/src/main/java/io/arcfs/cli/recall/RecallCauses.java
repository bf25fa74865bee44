package io.arcfs.cli.recall;

import io.arcfs.cli.ByteArguments;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import io.arcfs.overlay.RecallGuard;
import io.arcfs.recovery.SafeText;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows who had what recalled since the mount, refuses those that the volume names, and writes a
 * line per program and file to the log of recalls: the first time, and again with the sum when it
 * goes on for long. Asked only when a cold medium is about to be read, so it may look into /proc.
 * Thread-safe.
 */
public final class RecallCauses implements RecallGuard {
    /** Its lines have a file of their own, see {@code VolumeLog}. */
    public static final String LOGGER = "io.arcfs.recalls";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    /** Programs and files that are remembered, the latest. */
    private static final int KEPT = 256;

    /** Commands that are counted by name; the rest counts as one. */
    private static final int COMMANDS = 64;

    private static final String OTHERS = "other";
    private static final long REPEAT_MILLIS = 60_000;
    private static final long VERDICT_MILLIS = 2000;

    private final List<String> refuse;
    private final Clock clock;
    private final IntFunction<Program> programs;

    /** What was found of a thread; a number is not used again that soon. */
    private record Verdict(boolean may, long untilMillis) {}

    private final Map<Integer, Verdict> verdicts = new ConcurrentHashMap<>();

    private record Key(int pid, long inode) {}

    /** One cause and when it was last logged. */
    private record Kept(RecallCause cause, long loggedMillis) {}

    /** Recalls of one command: those that waited, their bytes, those refused. */
    public record Sum(long recalls, long bytes, long refused) {
        private static final Sum NONE = new Sum(0, 0, 0);

        private Sum plus(long moreBytes, boolean wasRefused) {
            return wasRefused
                    ? new Sum(recalls, bytes, refused + 1)
                    : new Sum(recalls + 1, bytes + moreBytes, refused);
        }
    }

    // Both guarded by this; the map is in the order of the last use.
    private final Map<Key, Kept> causes = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Sum> byCommand = new TreeMap<>();

    /**
     * @param refuse names of programs
     */
    public RecallCauses(List<String> refuse) {
        this(refuse, Clock.systemUTC(), Program::of);
    }

    RecallCauses(List<String> refuse, Clock clock, IntFunction<Program> programs) {
        this.refuse = List.copyOf(refuse);
        this.clock = clock;
        this.programs = programs;
    }

    @Override
    public void aboutToRecall(Request request) throws FsException {
        Program program = programs.apply(request.pid());
        boolean refused = refuse.stream().anyMatch(program::isCalled);
        note(program, request, refused);
        if (refused) {
            throw new FsException(
                    Reason.RECALL_REFUSED,
                    program.command() + " is in recall.refuse: cold bytes are not fetched for it");
        }
    }

    @Override
    public boolean mayRecall(int pid) {
        if (refuse.isEmpty()) {
            return true;
        }
        long now = clock.millis();
        Verdict known = verdicts.get(pid);
        if (known == null || now >= known.untilMillis) {
            Program program = programs.apply(pid);
            known = new Verdict(refuse.stream().noneMatch(program::isCalled), now + VERDICT_MILLIS);
            if (verdicts.size() >= KEPT) {
                verdicts.clear();
            }
            verdicts.put(pid, known);
        }
        return known.may;
    }

    private synchronized void note(Program program, Request request, boolean refused) {
        long now = clock.millis();
        Key key = new Key(program.pid(), request.inode());
        Kept known = causes.get(key);
        RecallCause before =
                known == null
                        ? new RecallCause(
                                program.pid(),
                                SafeText.of(program.command()),
                                SafeText.of(ByteArguments.textOf(request.path())),
                                0,
                                0,
                                0,
                                now,
                                now)
                        : known.cause;
        RecallCause cause = before.again(request.bytes(), refused, now);
        long logged = known == null ? 0 : known.loggedMillis;
        if (known == null || now - logged >= REPEAT_MILLIS) {
            log(cause);
            logged = now;
        }
        causes.put(key, new Kept(cause, logged));
        if (causes.size() > KEPT) {
            causes.remove(causes.keySet().iterator().next());
        }
        String counted =
                byCommand.size() < COMMANDS || byCommand.containsKey(cause.command())
                        ? cause.command()
                        : OTHERS;
        byCommand.merge(
                counted,
                Sum.NONE.plus(request.bytes(), refused),
                (sum, _) -> sum.plus(request.bytes(), refused));
    }

    private static void log(RecallCause cause) {
        LOG.info(
                "recall {} pid={} command={} path={} recalls={} bytes={} refused={}",
                cause.recalls() == 0 ? "refused" : "caused",
                cause.pid(),
                quoted(cause.command()),
                quoted(cause.path()),
                cause.recalls(),
                cause.bytes(),
                cause.refused());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** The latest causes, newest first. */
    public synchronized List<RecallCause> latest(int most) {
        List<RecallCause> all = new ArrayList<>();
        causes.values().forEach(kept -> all.add(kept.cause));
        return all.reversed().stream().limit(most).toList();
    }

    /** Sums by command. */
    public synchronized Map<String, Sum> byCommand() {
        return new TreeMap<>(byCommand);
    }

    /** Reads that got an error since the mount. */
    public synchronized long refused() {
        return byCommand.values().stream().mapToLong(Sum::refused).sum();
    }
}

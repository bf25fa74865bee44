package io.arcfs.it.crash;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lives the same short life of a volume again and again in one process, each time with another
 * operation failing. Arguments: directory, how many of them (0 for all), seed.
 */
final class NthFaultChild {
    private static final int STEPS = 60;

    private final Path directory;

    private NthFaultChild(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        new NthFaultChild(Path.of(arguments[0]))
                .run(Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
    }

    /** Fails one operation. */
    private static final class FailNth implements Faults.Plan {
        private final int nth;
        private final Errno errno;
        private final AtomicInteger seen = new AtomicInteger();
        private final Set<Operation> kinds =
                java.util.Collections.synchronizedSet(EnumSet.noneOf(Operation.class));
        private volatile @Nullable String failed;

        FailNth(int nth, Errno errno) {
            this.nth = nth;
            this.errno = errno;
        }

        @Override
        public void reached(Failpoint point) {
            // Only operations fail here.
        }

        @Override
        public void before(Operation operation, String subject) throws IOException {
            kinds.add(operation);
            if (seen.incrementAndGet() == nth) {
                failed = operation + " " + subject + " in " + caller();
                throw new PosixException("injected " + operation, errno, subject);
            }
        }
    }

    /** Who was about to do it, in our own code, innermost first. */
    private static String caller() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.filter(frame -> frame.getClassName().startsWith("io.arcfs."))
                                .map(frame ->
                                        frame.getClassName().replaceAll(".*\\.", "")
                                                + "."
                                                + frame.getMethodName())
                                .filter(name -> !name.matches("(NthFault|FailNth|Faults|Posix).*"))
                                .limit(5)
                                .collect(Collectors.joining(" ")));
    }

    private void run(int wanted, long seed) throws Exception {
        FailNth none = new FailNth(Integer.MAX_VALUE, Errno.EIO);
        List<String> broken = live(none);
        int total = none.seen.get();
        Random random = new Random(seed);
        int lives = wanted == 0 ? total : wanted;
        int failures = 0;
        Set<Operation> kinds = EnumSet.noneOf(Operation.class);
        for (int i = 0; i < lives; i++) {
            int nth = wanted == 0 ? i + 1 : 1 + random.nextInt(total);
            Errno errno = i % 2 == 0 ? Errno.EIO : Errno.ENOSPC;
            FailNth plan = new FailNth(nth, errno);
            List<String> wrong = live(plan);
            String failed = plan.failed;
            if (failed != null) {
                failures++;
                kinds.add(Operation.valueOf(failed.substring(0, failed.indexOf(' '))));
            }
            wrong.forEach(
                    line -> broken.add("n=" + nth + " " + errno + " " + failed + ": " + line));
        }
        System.out.println(
                "operations "
                        + total
                        + " lives "
                        + lives
                        + " failures "
                        + failures
                        + " kinds "
                        + kinds);
        broken.forEach(line -> System.out.println("BROKEN " + line));
    }

    /** Every life begins with the same new volume, in the same place. */
    private void begin() throws Exception {
        Path live = directory.resolve("live");
        Path made = directory.resolve("made");
        if (!Files.exists(made)) {
            Files.createDirectories(live.resolve("cold"));
            CrashVolume.make(live.resolve("volume"), List.of("dir:" + live.resolve("cold")), 1);
            Files.move(live, made);
        }
        run("rm", "-rf", "--", live.toString());
        run("cp", "-a", made.toString(), live.toString());
    }

    private List<String> live(FailNth plan) throws Exception {
        begin();
        List<String> broken = new ArrayList<>();
        Path volume = directory.resolve("live/volume");
        Path ledger = directory.resolve("ledger");
        Files.deleteIfExists(ledger);
        Files.createFile(ledger);
        Faults.install(plan);
        try (Volume open = Volume.open(volume);
                Ledger notes = Ledger.append(ledger)) {
            CrashTarget target = new DirectTarget(open.overlay().fileSystem());
            Workload worker = new Workload(target, notes, 1, 3, new AtomicLong());
            boolean works = attempt(worker::begin, broken);
            for (int i = 0; i < STEPS && works; i++) {
                works = attempt(worker::step, broken);
                if (i % 20 == 10) {
                    attempt(() -> open.overlay().archive(), broken);
                }
                if (i == 35) {
                    attempt(() -> open.overlay().flush(), broken);
                    attempt(() -> open.overlay().evictAll(), broken);
                }
            }
        } catch (IOException e) {
            if (plan.failed == null) {
                throw e;
            }
            clear(e, broken);
        } finally {
            Faults.install(null);
        }
        try (Volume again = Volume.open(volume)) {
            CrashTarget target = new DirectTarget(again.overlay().fileSystem());
            broken.addAll(Promise.broken(ledger, target, Promise.Crash.PROCESS));
            again.overlay().archive();
            again.overlay().flush();
            again.overlay().evictAll();
            broken.addAll(Promise.broken(ledger, target, Promise.Crash.PROCESS));
        } catch (IOException | RuntimeException e) {
            broken.add("the volume does not open or work after it: " + e);
        }
        return broken;
    }

    /** Something that may fail. */
    private interface Attempt {
        void run() throws Exception;
    }

    /** Returns whether it went well; anything but a clear error is a finding. */
    private static boolean attempt(Attempt attempt, List<String> broken) {
        try {
            attempt.run();
            return true;
        } catch (IOException e) {
            clear(e, broken);
            return false;
        } catch (Exception e) {
            broken.add("no clear error: " + e);
            return false;
        }
    }

    private static void clear(IOException e, List<String> broken) {
        if (e.getMessage() == null || e.getMessage().isBlank()) {
            broken.add("an error without a word: " + e);
        }
    }

    private static void run(String... argv) throws Exception {
        if (new ProcessBuilder(argv).inheritIO().start().waitFor() != 0) {
            throw new IOException("failed: " + String.join(" ", argv));
        }
    }
}

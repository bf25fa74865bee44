package io.arcfs.it.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Holds what is there against what a ledger says was promised. Stateless.
 *
 * <ul>
 *   <li>After the death of the process all that was acknowledged is there, to the byte; of the call
 *       that was under way all or nothing, of an append any prefix.
 *   <li>After power loss the folder is as it was at one moment, not before the last acknowledged
 *       fsync; each file holds at least what its own last fsync covered, and never a wrong byte.
 * </ul>
 */
final class Promise {
    private Promise() {}

    /** What happened. */
    enum Crash {
        PROCESS,
        POWER
    }

    /** Everything that is not as promised, one line each. */
    static List<String> broken(Path ledger, CrashTarget target, Crash crash) throws IOException {
        List<String> broken = new ArrayList<>();
        for (Map.Entry<Integer, Ledger.History> worker : Ledger.read(ledger).entrySet()) {
            broken.addAll(broken(worker.getKey(), worker.getValue(), target, crash));
        }
        return broken;
    }

    private static List<String> broken(
            int worker, Ledger.History history, CrashTarget target, Crash crash)
            throws IOException {
        String folder = Workload.folder(worker);
        Found found = new Found();
        if (target.list("/").contains(folder.substring(1) + "/")) {
            found = Found.below(target, folder);
            found.directories.add(folder);
        }
        List<Step> steps = history.steps();
        int sure = crash == Crash.PROCESS ? history.acknowledged() : lastDurable(history);
        Map<Long, Integer> most = mostEver(steps);
        Expected expected = new Expected();
        List<String> closest = List.of();
        for (int done = 0; done <= steps.size(); done++) {
            if (done > 0) {
                expected.apply(steps.get(done - 1));
            }
            if (done >= sure) {
                boolean inFlight = done > history.acknowledged();
                List<String> wrong = compare(expected, found, crash, most, inFlight, steps, done);
                if (wrong.isEmpty()) {
                    return List.of();
                }
                if (closest.isEmpty() || wrong.size() < closest.size()) {
                    closest = wrong;
                }
            }
        }
        return closest.stream()
                .map(line ->
                        "worker "
                                + worker
                                + " ("
                                + sure
                                + " steps sure, "
                                + history.acknowledged()
                                + " acknowledged): "
                                + line)
                .toList();
    }

    private static int lastDurable(Ledger.History history) {
        for (int done = history.acknowledged(); done > 0; done--) {
            if (history.steps().get(done - 1).verb().makesDurable()) {
                return done;
            }
        }
        return 0;
    }

    /** The most bytes that a version ever had. */
    private static Map<Long, Integer> mostEver(List<Step> steps) {
        Map<Long, Integer> most = new java.util.HashMap<>();
        Expected all = new Expected();
        for (Step step : steps) {
            all.apply(step);
            for (Expected.File file : all.files.values()) {
                most.merge(file.content, file.size, Math::max);
            }
        }
        return most;
    }

    private static List<String> compare(
            Expected expected,
            Found found,
            Crash crash,
            Map<Long, Integer> most,
            boolean inFlight,
            List<Step> steps,
            int done) {
        List<String> wrong = new ArrayList<>();
        for (String directory : expected.directories) {
            if (!found.directories.contains(directory)) {
                wrong.add(directory + "/ is missing");
            }
        }
        for (String directory : found.directories) {
            if (!expected.directories.contains(directory)) {
                wrong.add(directory + "/ should not be there");
            }
        }
        for (String path : found.files.keySet()) {
            if (!expected.files.containsKey(path)) {
                wrong.add(path + " should not be there");
            }
        }
        // The append under way may have come to any length.
        String growing =
                inFlight && steps.get(done - 1).verb() == Step.Verb.APPEND
                        ? steps.get(done - 1).path()
                        : "";
        for (Map.Entry<String, Expected.File> entry : expected.files.entrySet()) {
            String path = entry.getKey();
            Found.File is = found.files.get(path);
            Expected.File was = entry.getValue();
            if (is == null) {
                wrong.add(path + " is missing (" + was.size + " bytes)");
                continue;
            }
            int byteWrong = Content.firstWrong(was.content, is.bytes());
            if (byteWrong >= 0) {
                wrong.add(path + " has a wrong byte at " + byteWrong + " of " + is.bytes().length);
            }
            boolean grows = growing.equals(path) || expected.files.get(growing) == was;
            int least =
                    crash == Crash.POWER
                            ? was.durable
                            : was.size - (grows ? steps.get(done - 1).length() : 0);
            int highest =
                    crash == Crash.POWER ? Objects.requireNonNull(most.get(was.content)) : was.size;
            if (is.bytes().length < least || is.bytes().length > highest) {
                wrong.add(
                        path
                                + " has "
                                + is.bytes().length
                                + " bytes, not "
                                + least
                                + (least == highest ? "" : " to " + highest));
            }
            if (!Objects.equals(is.xattr(), was.xattr)) {
                wrong.add(path + " has the xattr " + is.xattr() + ", not " + was.xattr);
            }
        }
        return wrong;
    }
}

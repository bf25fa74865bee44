package io.arcfs.it.crash;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A worker: changes files of its own folder at random, writing each step to the ledger before and
 * after. Begins a new folder, so that workers of one volume follow each other. Confined to one
 * thread.
 */
final class Workload {
    private static final int MOST_FILES = 24;
    private static final int MOST_BYTES = 200_000;

    private final CrashTarget target;
    private final Ledger ledger;
    private final int worker;
    private final Random random;
    private final Expected expected = new Expected();
    private final AtomicLong fsyncs;
    private long serial;

    /**
     * @param worker a number that no worker of the ledger had before
     * @param fsyncs counts the durable steps that were acknowledged
     */
    Workload(CrashTarget target, Ledger ledger, int worker, long seed, AtomicLong fsyncs) {
        this.target = target;
        this.ledger = ledger;
        this.worker = worker;
        this.random = new Random(seed * 1_000_003 + worker);
        this.fsyncs = fsyncs;
        this.serial = (long) worker << 32;
    }

    static String folder(int worker) {
        return "/w" + worker;
    }

    /** Makes the folder: the worker's first steps. */
    void begin() throws IOException {
        run(Step.of(Step.Verb.MKDIR, folder(worker)));
        run(Step.of(Step.Verb.FSYNC_DIRECTORY, "/"));
    }

    /** One step at random; an exception means that the last one may be done or not. */
    void step() throws IOException {
        run(next());
    }

    /** Reads a file and holds it against what it must hold. */
    void readBack() throws IOException {
        if (expected.files.isEmpty()) {
            return;
        }
        String path = any(List.copyOf(expected.files.keySet()));
        byte[] bytes = target.read(path);
        Expected.File file = expected.files.get(path);
        if (file == null
                || bytes.length != file.size
                || Content.firstWrong(file.content, bytes) >= 0) {
            throw new AssertionError(path + " reads wrong while nothing crashed");
        }
    }

    private void run(Step step) throws IOException {
        ledger.begin(worker, step);
        Expected.File file = expected.files.get(step.path());
        switch (step.verb()) {
            case CREATE -> target.create(step.path());
            case APPEND -> {
                if (file == null) {
                    throw new IllegalStateException(step.path());
                }
                target.append(step.path(), Content.of(file.content, file.size, step.length()));
            }
            case FSYNC -> target.fsync(step.path());
            case FSYNC_DIRECTORY -> target.fsyncDirectory(step.path());
            case RENAME -> target.rename(step.path(), step.other());
            case UNLINK -> target.unlink(step.path());
            case LINK -> target.link(step.path(), step.other());
            case EMPTY -> target.empty(step.path());
            case MKDIR -> target.mkdir(step.path());
            case RMDIR -> target.rmdir(step.path());
            case XATTR -> target.setXattr(step.path(), step.other());
        }
        ledger.done(worker);
        expected.apply(step);
        if (step.verb().makesDurable()) {
            fsyncs.incrementAndGet();
        }
    }

    private Step next() {
        int dice = random.nextInt(100);
        List<String> files = List.copyOf(expected.files.keySet());
        if (files.isEmpty() || (dice < 16 && files.size() < MOST_FILES)) {
            return new Step(Step.Verb.CREATE, freshName(), "", ++serial, 0);
        }
        String path = any(files);
        Expected.File file = expected.files.get(path);
        if (file == null) {
            throw new IllegalStateException(path);
        }
        if (dice < 52) {
            int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 60_000 : 5000);
            return file.size + length > MOST_BYTES
                    ? new Step(Step.Verb.UNLINK, path, "", 0, 0)
                    : new Step(Step.Verb.APPEND, path, "", 0, length);
        }
        if (dice < 66) {
            return Step.of(Step.Verb.FSYNC, path);
        }
        if (dice < 69) {
            return Step.of(Step.Verb.FSYNC_DIRECTORY, folder(worker));
        }
        if (dice < 73) {
            return new Step(Step.Verb.RENAME, path, freshName(), 0, 0);
        }
        if (dice < 78) {
            String other = any(files);
            // Renaming one name of an inode onto another does nothing at all.
            return expected.files.get(other) == file
                    ? Step.of(Step.Verb.FSYNC, path)
                    : new Step(Step.Verb.RENAME, path, other, 0, 0);
        }
        if (dice < 83) {
            return new Step(Step.Verb.UNLINK, path, "", 0, 0);
        }
        if (dice < 86) {
            return new Step(Step.Verb.LINK, path, freshName(), 0, 0);
        }
        if (dice < 90) {
            return new Step(Step.Verb.EMPTY, path, "", ++serial, 0);
        }
        if (dice < 93) {
            return new Step(Step.Verb.XATTR, path, "v" + ++serial, 0, 0);
        }
        return changeFolders(path);
    }

    private Step changeFolders(String path) {
        List<String> folders = new ArrayList<>(expected.directories);
        folders.remove(folder(worker));
        if (folders.size() < 3) {
            return Step.of(Step.Verb.MKDIR, folder(worker) + "/d" + (++serial & 0xFFFF));
        }
        for (String folder : folders) {
            if (expected.files.keySet().stream().noneMatch(f -> f.startsWith(folder + "/"))) {
                return Step.of(Step.Verb.RMDIR, folder);
            }
        }
        return Step.of(Step.Verb.FSYNC, path);
    }

    private String freshName() {
        List<String> folders = new ArrayList<>(expected.directories);
        return any(folders) + "/f" + (++serial & 0xFFFFFF);
    }

    private String any(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}

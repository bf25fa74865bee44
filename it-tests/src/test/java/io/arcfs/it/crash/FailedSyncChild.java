package io.arcfs.it.crash;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.failpoint.Faults;
import io.arcfs.failpoint.Faults.Operation;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.recovery.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One fdatasync of an append file fails, once. Arguments: directory. */
final class FailedSyncChild {
    private static final AtomicInteger SYNCS = new AtomicInteger();

    private FailedSyncChild() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        CrashVolume.make(directory.resolve("volume"), List.of("dir:" + directory), 1);
        try (Volume volume = Volume.open(directory.resolve("volume"))) {
            CrashTarget target = new DirectTarget(volume.overlay().fileSystem());
            byte[] bytes = "bytes".getBytes(StandardCharsets.UTF_8);
            target.create("/bad");
            target.append("/bad", bytes);
            target.create("/good");
            target.append("/good", bytes);
            Faults.install(new FailFirstSync());
            say("first sync", () -> target.fsync("/bad"));
            int syncs = SYNCS.get();
            say("second sync", () -> target.fsync("/bad"));
            say("append", () -> target.append("/bad", bytes));
            System.out.println("asked the disk again: " + (SYNCS.get() > syncs));
            say("all", () -> volume.overlay().fileSystem().sync());
            say("other file", () -> target.fsync("/good"));
            say("append to other", () -> target.append("/good", bytes));
            System.out.println("bytes " + new String(target.read("/bad"), StandardCharsets.UTF_8));
            Faults.install(null);
        } catch (IOException e) {
            System.out.println("close: " + e.getMessage());
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void say(String what, Action action) {
        try {
            action.run();
            System.out.println(what + ": done");
        } catch (IOException e) {
            System.out.println(what + ": failed: " + e.getMessage());
        }
    }

    private static final class FailFirstSync implements Faults.Plan {
        @Override
        public void reached(Failpoint point) {
            // Only operations count.
        }

        @Override
        public void before(Operation operation, String subject) throws IOException {
            if (operation == Operation.SYNC
                    && subject.contains("upper/data/")
                    && SYNCS.incrementAndGet() == 1) {
                throw new PosixException("fdatasync", Errno.EIO, subject);
            }
        }
    }
}

package io.arcfs.recovery;

import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that takes a volume's lock, for tests. */
final class LockHolder {
    private LockHolder() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try (VolumeLock _ = VolumeLock.acquire(new VolumeLayout(Path.of(args[0])))) {
            System.out.println(ProcessHandle.current().pid());
            if (args[1].equals("wait")) {
                Thread.sleep(60_000);
            }
        } catch (VolumeInUseException e) {
            System.out.println("refused");
        }
    }
}

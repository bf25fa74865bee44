package io.arcfs.tier;

import java.io.IOException;
import java.util.List;

/** What keeps the media of a volume in order. Thread-safe. */
public interface TierMaintenance {
    /** Stops destaging behind the container under way, or goes on. Remembered over a restart. */
    void pauseDestage(boolean pause) throws IOException;

    boolean isDestagePaused();

    /** Takes a medium into the pool; it is labelled if it is new and empty. */
    void addMedium(String spec) throws IOException;

    /**
     * Lets a medium go: has missing copies made on the others, from it or from them, and forgets
     * it. Waits until that is done; interrupted or failed it is resumed by calling it again, and
     * until then the medium is read but not written.
     *
     * @throws IOException also when there would be too few media for the volume's copies
     */
    void retireMedium(String spec) throws IOException, InterruptedException;

    /**
     * Reads and checks what is on the media, in the order in which it lies there, and goes on where
     * the last call stopped; a whole pass begins anew. Meanwhile it is part of the status' work.
     */
    VerifyReport verify(VerifyRequest request) throws IOException;

    /**
     * What to check.
     *
     * @param mostSeconds stop after that time; {@link Long#MAX_VALUE}: never
     * @param repair have damaged copies written anew from others
     * @param only objects that hold bytes of these extents; none: everything
     */
    record VerifyRequest(long mostSeconds, boolean repair, List<DeviceExtent> only) {
        public VerifyRequest {
            only = List.copyOf(only);
        }
    }

    /**
     * What a verify found.
     *
     * @param objects checked
     * @param bytes of them
     * @param damaged what did not fit or could not be read
     * @param complete whether it got to the end of every medium
     */
    record VerifyReport(long objects, long bytes, List<Damage> damaged, boolean complete) {}

    /**
     * An object that a medium does not give back as it was.
     *
     * @param extent what it holds of the device
     * @param repaired whether another copy took its place
     */
    record Damage(String medium, String what, DeviceExtent extent, boolean repaired) {}
}

package io.arcfs.overlay.stack;

/** What the merged view says of a name. */
public sealed interface Resolution {
    Resolution ABSENT = new Absent();

    /** No such name. */
    record Absent() implements Resolution {}

    /**
     * The name exists.
     *
     * @param layer the newest layer that describes it
     * @param type type bits of its mode
     * @param directory its parts if it is a directory, else empty
     */
    record Present(Layer layer, long ref, int type, MergedDirectory directory)
            implements Resolution {
        public long inodeNumber() throws java.io.IOException {
            return layer.inodeNumber(ref);
        }
    }
}

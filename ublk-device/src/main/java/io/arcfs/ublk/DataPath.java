package io.arcfs.ublk;

import java.util.Set;

/** How the bytes of reads and writes come to the server and back. */
public enum DataPath {
    /** The driver copies between the request and a buffer per tag. Every kernel has it. */
    COPY(),
    /** As COPY, but the bytes of a write are copied only when the server asks for them. */
    GET_DATA(Feature.NEED_GET_DATA),
    /** The server reads and writes the request's bytes on the character device, when it wants. */
    USER_COPY(Feature.USER_COPY),
    /**
     * The request's pages are a registered buffer of the queue's ring, for I/O to a backing file
     * that nobody needs to see.
     */
    ZERO_COPY(Feature.SUPPORT_ZERO_COPY, Feature.AUTO_BUF_REG);

    @SuppressWarnings("ImmutableEnumChecker") // Set.copyOf is immutable
    private final Set<Feature> needs;

    DataPath(Feature... needs) {
        this.needs = Set.of(needs);
    }

    /** What the driver must offer. */
    public Set<Feature> needs() {
        return needs;
    }

    /** Whether a buffer of ours is named in every command. */
    boolean namesBuffer() {
        return this == COPY || this == GET_DATA;
    }
}

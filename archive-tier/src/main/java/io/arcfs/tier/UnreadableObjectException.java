package io.arcfs.tier;

import java.io.IOException;
import java.util.List;

/** An object that none of its media gave back whole. */
public final class UnreadableObjectException extends IOException {
    private static final long serialVersionUID = 1L;

    private final ContainerId container;
    private final int object;
    private final List<String> attempts;

    /**
     * @param attempts what each medium answered, each naming the medium
     */
    public UnreadableObjectException(ContainerId container, int object, List<String> attempts) {
        super(
                container
                        + " object "
                        + object
                        + ": cannot be recalled: "
                        + (attempts.isEmpty()
                                ? "no medium holds it"
                                : String.join("; ", attempts)));
        this.container = container;
        this.object = object;
        this.attempts = List.copyOf(attempts);
    }

    /** The same failure with the stack of the calling thread. */
    public UnreadableObjectException again() {
        UnreadableObjectException again =
                new UnreadableObjectException(container, object, attempts);
        again.initCause(this);
        return again;
    }
}

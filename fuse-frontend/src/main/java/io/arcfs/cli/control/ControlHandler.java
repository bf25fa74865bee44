package io.arcfs.cli.control;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Does what is asked of a volume. Thread-safe. */
@FunctionalInterface
public interface ControlHandler {
    /** Returns the result's fields, or throws what {@code FailureText} can explain. */
    ObjectNode handle(ControlRequest request, Progress progress) throws Exception;
}

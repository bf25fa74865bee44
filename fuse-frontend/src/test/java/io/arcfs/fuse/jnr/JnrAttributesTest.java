package io.arcfs.fuse.jnr;

import io.arcfs.fuse.AttributesContract;
import io.arcfs.fuse.Transport;

/** The attributes contract on libfuse. */
final class JnrAttributesTest extends AttributesContract {
    @Override
    protected Transport transport() {
        return new JnrTransport();
    }
}

package io.arcfs.fuse.jnr;

import io.arcfs.fuse.DataContract;
import io.arcfs.fuse.Transport;

/** The data contract on libfuse. */
final class JnrDataTest extends DataContract {
    @Override
    protected Transport transport() {
        return new JnrTransport();
    }
}

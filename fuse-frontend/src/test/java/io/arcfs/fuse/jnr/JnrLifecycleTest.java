package io.arcfs.fuse.jnr;

import io.arcfs.fuse.LifecycleContract;
import io.arcfs.fuse.Transport;

/** The lifecycle contract on libfuse. */
final class JnrLifecycleTest extends LifecycleContract {
    @Override
    protected Transport transport() {
        return new JnrTransport();
    }
}

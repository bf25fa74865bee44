package io.arcfs.fuse.jnr;

import io.arcfs.fuse.CachingContract;
import io.arcfs.fuse.Transport;

/** The caching contract on libfuse. */
final class JnrCachingTest extends CachingContract {
    @Override
    protected Transport transport() {
        return new JnrTransport();
    }
}

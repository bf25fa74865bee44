package io.arcfs.fuse.kernel;

import io.arcfs.fuse.CachingContract;
import io.arcfs.fuse.Transport;

/** The caching contract over io_uring. */
final class RingCachingTest extends CachingContract {
    @Override
    protected Transport transport() {
        return new RingTransport();
    }
}

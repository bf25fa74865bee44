package io.arcfs.fuse.kernel;

import io.arcfs.fuse.LifecycleContract;
import io.arcfs.fuse.Transport;

/** The lifecycle contract over io_uring. */
final class RingLifecycleTest extends LifecycleContract {
    @Override
    protected Transport transport() {
        return new RingTransport();
    }
}

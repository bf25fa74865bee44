package io.arcfs.fuse.kernel;

import io.arcfs.fuse.DataContract;
import io.arcfs.fuse.Transport;

/** The data contract over io_uring. */
final class RingDataTest extends DataContract {
    @Override
    protected Transport transport() {
        return new RingTransport();
    }
}

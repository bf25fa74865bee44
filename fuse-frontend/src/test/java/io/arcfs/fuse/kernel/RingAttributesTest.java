package io.arcfs.fuse.kernel;

import io.arcfs.fuse.AttributesContract;
import io.arcfs.fuse.Transport;

/** The attributes contract over io_uring. */
final class RingAttributesTest extends AttributesContract {
    @Override
    protected Transport transport() {
        return new RingTransport();
    }
}

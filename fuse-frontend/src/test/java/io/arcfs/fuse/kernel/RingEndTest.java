package io.arcfs.fuse.kernel;

import io.arcfs.fuse.Transport;

/** The same over io_uring. */
final class RingEndTest extends NativeEndTest {
    @Override
    protected Transport transport() {
        return new RingTransport();
    }
}

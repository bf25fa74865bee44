package io.arcfs.fuse.kernel;

import io.arcfs.fuse.Transport;

/** The same over io_uring. */
final class RingInterruptTest extends NativeInterruptTest {
    @Override
    protected Transport transport() {
        return new RingTransport();
    }
}

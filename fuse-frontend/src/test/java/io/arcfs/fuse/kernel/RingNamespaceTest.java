package io.arcfs.fuse.kernel;

import io.arcfs.fuse.NamespaceContract;
import io.arcfs.fuse.Transport;

/** The namespace contract over io_uring. */
final class RingNamespaceTest extends NamespaceContract {
    @Override
    protected Transport transport() {
        return new RingTransport();
    }
}

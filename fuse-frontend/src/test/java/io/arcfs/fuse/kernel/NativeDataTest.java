package io.arcfs.fuse.kernel;

import io.arcfs.fuse.DataContract;
import io.arcfs.fuse.Transport;

/** The data contract on the kernel's own protocol. */
final class NativeDataTest extends DataContract {
    @Override
    protected Transport transport() {
        return new NativeTransport();
    }
}

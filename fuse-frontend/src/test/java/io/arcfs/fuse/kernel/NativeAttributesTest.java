package io.arcfs.fuse.kernel;

import io.arcfs.fuse.AttributesContract;
import io.arcfs.fuse.Transport;

/** The attributes contract on the kernel's own protocol. */
final class NativeAttributesTest extends AttributesContract {
    @Override
    protected Transport transport() {
        return new NativeTransport();
    }
}

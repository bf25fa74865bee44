package io.arcfs.fuse.kernel;

import io.arcfs.fuse.LifecycleContract;
import io.arcfs.fuse.Transport;

/** The lifecycle contract on the kernel's own protocol. */
final class NativeLifecycleTest extends LifecycleContract {
    @Override
    protected Transport transport() {
        return new NativeTransport();
    }
}

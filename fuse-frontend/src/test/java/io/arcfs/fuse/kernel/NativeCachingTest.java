package io.arcfs.fuse.kernel;

import io.arcfs.fuse.CachingContract;
import io.arcfs.fuse.Transport;

/** The caching contract on the kernel's own protocol. */
final class NativeCachingTest extends CachingContract {
    @Override
    protected Transport transport() {
        return new NativeTransport();
    }
}

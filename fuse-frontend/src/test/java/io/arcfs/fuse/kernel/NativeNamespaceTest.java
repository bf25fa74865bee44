package io.arcfs.fuse.kernel;

import io.arcfs.fuse.NamespaceContract;
import io.arcfs.fuse.Transport;

/** The namespace contract on the kernel's own protocol. */
final class NativeNamespaceTest extends NamespaceContract {
    @Override
    protected Transport transport() {
        return new NativeTransport();
    }
}

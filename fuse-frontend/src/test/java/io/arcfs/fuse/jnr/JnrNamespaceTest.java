package io.arcfs.fuse.jnr;

import io.arcfs.fuse.NamespaceContract;
import io.arcfs.fuse.Transport;

/** The namespace contract on libfuse. */
final class JnrNamespaceTest extends NamespaceContract {
    @Override
    protected Transport transport() {
        return new JnrTransport();
    }
}

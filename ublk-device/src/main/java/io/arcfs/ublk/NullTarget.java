package io.arcfs.ublk;

import io.arcfs.ublk.DeviceParameters.Attribute;
import java.util.Set;

/** Takes everything and keeps nothing; reads give whatever the memory holds. Stateless. */
public final class NullTarget implements UblkTarget {
    private static final int BLOCK_BYTES = 512;

    private final long sizeBytes;

    public NullTarget(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    @Override
    public String kind() {
        return "null";
    }

    @Override
    public DeviceParameters parameters(int maxRequestBytes) {
        return new DeviceParameters(
                sizeBytes,
                BLOCK_BYTES,
                4096,
                maxRequestBytes,
                1L << 30,
                Set.<Attribute>of()); // nothing volatile: there is nothing to lose
    }

    @Override
    public boolean supports(DataPath path) {
        return true;
    }

    @Override
    public QueueTarget openQueue(UblkQueue queue) {
        return UblkRequest::succeed;
    }

    @Override
    public void close() {}
}

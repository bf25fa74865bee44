package io.arcfs.erofs.write;

import io.arcfs.erofs.DeviceSlot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * What an image says of itself. Immutable.
 *
 * @param volumeName at most 15 bytes of UTF-8
 * @param epochSeconds when the image was made; part of its bytes. Inodes of just this mtime need
 *     half the room
 * @param epochNanos nanoseconds that go with it
 * @param blockBits log2 of the block size: 9 to 16; kernels take no blocks larger than their pages
 * @param devices the devices that chunks lie on, in order of device ids from 1; the writer fills in
 *     where they stand in the unified address space
 */
public record ImageOptions(
        UUID uuid,
        String volumeName,
        long epochSeconds,
        int epochNanos,
        int blockBits,
        List<DeviceSlot> devices) {
    public static final int DEFAULT_BLOCK_BITS = 12;

    private static final int BLOCK_BITS_MIN = 9;
    private static final int BLOCK_BITS_MAX = 16;
    private static final int VOLUME_NAME_MAX = 15;
    private static final int DEVICES_MAX = 65535;
    private static final int NANOS_MAX = 999_999_999;

    public ImageOptions {
        if (volumeName.getBytes(StandardCharsets.UTF_8).length > VOLUME_NAME_MAX) {
            throw new IllegalArgumentException("volume name of more than 15 bytes: " + volumeName);
        }
        if (epochNanos < 0 || epochNanos > NANOS_MAX) {
            throw new IllegalArgumentException(epochNanos + " nanoseconds");
        }
        if (blockBits < BLOCK_BITS_MIN || blockBits > BLOCK_BITS_MAX) {
            throw new IllegalArgumentException("blocks of 2^" + blockBits + " bytes");
        }
        devices = List.copyOf(devices);
        if (devices.size() > DEVICES_MAX) {
            throw new IllegalArgumentException(devices.size() + " devices, at most 65535");
        }
    }

    /** With blocks of 4096 bytes. */
    public ImageOptions(UUID uuid, String volumeName, long epochSeconds, List<DeviceSlot> devices) {
        this(uuid, volumeName, epochSeconds, 0, DEFAULT_BLOCK_BITS, devices);
    }

    public int blockSizeBytes() {
        return 1 << blockBits;
    }

    /** Options that are known only when the tree was walked: how long devices are, above all. */
    @FunctionalInterface
    public interface Late {
        ImageOptions options() throws IOException;
    }
}

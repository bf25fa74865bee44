package io.arcfs.erofs.write;

import io.arcfs.erofs.DeviceSlot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * What an image says of itself. Immutable.
 *
 * @param volumeName at most 15 bytes of UTF-8
 * @param epochSeconds when the image was made; part of its bytes
 * @param devices the devices that chunks lie on, in order of device ids from 1; the writer fills in
 *     where they stand in the unified address space
 */
public record ImageOptions(
        UUID uuid, String volumeName, long epochSeconds, List<DeviceSlot> devices) {
    private static final int VOLUME_NAME_MAX = 15;
    private static final int DEVICES_MAX = 65535;

    public ImageOptions {
        if (volumeName.getBytes(StandardCharsets.UTF_8).length > VOLUME_NAME_MAX) {
            throw new IllegalArgumentException("volume name of more than 15 bytes: " + volumeName);
        }
        devices = List.copyOf(devices);
        if (devices.size() > DEVICES_MAX) {
            throw new IllegalArgumentException(devices.size() + " devices, at most 65535");
        }
    }
}

package io.arcfs.erofs.merge;

/**
 * Which layer a device of the merged image came with first.
 *
 * @param layer 0 is the oldest
 * @param deviceId of the device in that layer; 0: the layer's image itself
 */
public record DeviceOrigin(int layer, int deviceId) {}

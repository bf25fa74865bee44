package io.arcfs.fuse;

/**
 * A mount between two servers: its connection to the kernel, and what the next one must know of the
 * handles and inodes that the kernel holds.
 *
 * @param descriptor of /dev/fuse; the mount lives as long as somebody has it open
 * @param state in a form of the transport's own
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
public record HandOver(int descriptor, byte[] state) {}

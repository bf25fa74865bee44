package io.arcfs.erofs.extract;

/**
 * What was handed over.
 *
 * @param names files and directories, hard links among them
 * @param unreadable things that the image did not give
 */
public record Extracted(long names, long dataBytes, long unreadable) {}

package io.arcfs.overlay;

/** What statfs shows: what can really be written, in bytes, and inode numbers left. */
public record FileSystemSpace(long totalBytes, long freeBytes, long files, long freeFiles) {}

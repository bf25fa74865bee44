package io.arcfs.overlay.catalog;

/** One name of an inode: the directory it stands in and its bytes there. */
public record LinkName(long parent, byte[] name) {}

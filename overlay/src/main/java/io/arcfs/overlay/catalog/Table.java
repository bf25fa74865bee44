package io.arcfs.overlay.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The tables of the catalog, each a RocksDB column family, and their keys. Numbers in keys are
 * big-endian, so that iteration follows their order; inode numbers take 32 bits.
 */
enum Table {
    /** "volume" -> {@link VolumeState}. */
    VOLUME("default"),
    /** first layer -> {@link LayerRecord}. */
    LAYERS("layers"),
    /** layer, parent, name -> {@link Dirent}. */
    DIRENTS("dirents"),
    /** layer, inode -> {@link InodeRecord}. */
    INODES("inodes"),
    /**
     * inode, parent, name -> nothing: the present names of directories and of inodes with several
     * names.
     */
    NAMES("names"),
    /** append file -> {@link AppendFileRecord}. */
    APPEND_FILES("append"),
    /** append file, file offset -> address, length: what the last round archived of it. */
    FORWARD("forward"),
    /** container number -> {@link ContainerRecord}. */
    CONTAINERS("containers");

    static final byte[] VOLUME_KEY = "volume".getBytes(StandardCharsets.US_ASCII);

    private final String familyName;

    Table(String familyName) {
        this.familyName = familyName;
    }

    byte[] familyName() {
        return familyName.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] key(int first) {
        return ByteBuffer.allocate(4).putInt(first).array();
    }

    static byte[] key(int first, long second) {
        return ByteBuffer.allocate(8).putInt(first).putInt((int) second).array();
    }

    static byte[] key(int first, long second, byte[] name) {
        byte[] key = new byte[8 + name.length]; // the one object of a question
        putInt(key, 0, first);
        putInt(key, 4, (int) second);
        System.arraycopy(name, 0, key, 8, name.length);
        return key;
    }

    private static void putInt(byte[] key, int at, int value) {
        key[at] = (byte) (value >>> 24);
        key[at + 1] = (byte) (value >>> 16);
        key[at + 2] = (byte) (value >>> 8);
        key[at + 3] = (byte) value;
    }

    static byte[] longKey(long first) {
        return ByteBuffer.allocate(8).putLong(first).array();
    }

    static byte[] longKey(long first, long second) {
        return ByteBuffer.allocate(16).putLong(first).putLong(second).array();
    }
}

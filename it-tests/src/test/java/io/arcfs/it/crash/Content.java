package io.arcfs.it.crash;

/** The bytes of a version of a file, a function of its identity and the offset. Stateless. */
final class Content {
    private Content() {}

    static byte at(long content, long offset) {
        long z = content * 0x9E3779B97F4A7C15L + (offset >> 3);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return (byte) ((z ^ (z >>> 31)) >>> ((offset & 7) * 8));
    }

    static byte[] of(long content, long from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(content, from + i);
        }
        return bytes;
    }

    /** Offset of the first byte that is not the content's, or -1. */
    static int firstWrong(long content, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != at(content, i)) {
                return i;
            }
        }
        return -1;
    }
}

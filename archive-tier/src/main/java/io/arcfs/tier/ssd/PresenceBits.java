package io.arcfs.tier.ssd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which objects of a container its SSD copy holds. Who sees a bit also sees what was written before
 * it was set.
 *
 * <p>Any number of threads look while one changes it; changes beside each other are the caller's to
 * prevent.
 */
final class PresenceBits {
    private final int count;
    private final AtomicLongArray words;

    PresenceBits(int count) {
        this.count = count;
        this.words = new AtomicLongArray((count + Long.SIZE - 1) / Long.SIZE);
    }

    /** As {@link #toBytes} gives them; bits behind the last object do not count. */
    static PresenceBits of(int count, byte[] bytes) {
        PresenceBits bits = new PresenceBits(count);
        for (int object = 0; object < count; object++) {
            if (((bytes[object / Byte.SIZE] >> (object % Byte.SIZE)) & 1) != 0) {
                bits.set(object, object + 1, true);
            }
        }
        return bits;
    }

    boolean get(int object) {
        return object < count && ((words.getAcquire(object / Long.SIZE) >>> object) & 1) != 0;
    }

    /** Whether the bits of these objects, both ends included, are all set. */
    boolean areSet(int first, int last) {
        if (last >= count) {
            return false;
        }
        for (int object = first; object <= last; ) {
            int end = endInWord(object, last + 1);
            long wanted = mask(object, end);
            if ((words.getAcquire(object / Long.SIZE) & wanted) != wanted) {
                return false;
            }
            object = end;
        }
        return true;
    }

    /** Sets or clears the bits from one object up to, not including, another. */
    void set(int from, int to, boolean value) {
        for (int object = from; object < to; ) {
            int end = endInWord(object, to);
            int word = object / Long.SIZE;
            long before = words.getPlain(word);
            long changed = mask(object, end);
            words.setRelease(word, value ? (before | changed) : (before & ~changed));
            object = end;
        }
    }

    /** End of the objects that share a word with {@code object}, {@code most} at the most. */
    private static int endInWord(int object, int most) {
        return Math.min(most, (object / Long.SIZE + 1) * Long.SIZE);
    }

    /** Of objects in one word. */
    private static long mask(int from, int to) {
        return (-1L >>> (Long.SIZE - (to - from))) << from; // shifts by the position in the word
    }

    /** One bit per object, lowest bit of the first byte first. */
    byte[] toBytes() {
        ByteBuffer bytes =
                ByteBuffer.allocate(words.length() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < words.length(); i++) {
            bytes.putLong(words.getAcquire(i));
        }
        return Arrays.copyOf(bytes.array(), (count + Byte.SIZE - 1) / Byte.SIZE);
    }
}

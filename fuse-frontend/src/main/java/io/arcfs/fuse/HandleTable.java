package io.arcfs.fuse;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Open things by the number that the kernel carries for us. Looking one up takes no lock and
 * allocates nothing.
 *
 * <p>A number is never 0, and is not given again until 2^32 others in its slot were: a stale one is
 * found out. Thread-safe.
 */
public final class HandleTable<T> {
    private static final int FIRST_CAPACITY = 64;

    private static final class Slot<T> {
        final long handle;
        final T value;

        Slot(long handle, T value) {
            this.handle = handle;
            this.value = value;
        }
    }

    /** Published whole when it grows; single slots by the volatile write of {@code slots}. */
    @SuppressWarnings("unchecked")
    private volatile @Nullable Slot<T>[] slots = (Slot<T>[]) new Slot<?>[FIRST_CAPACITY];

    private int[] freeSlots = new int[FIRST_CAPACITY];
    private int freeCount;
    private int usedSlots;
    private int generation;
    private volatile int size;

    /** Stores a value and returns its handle. */
    public synchronized long add(T value) {
        int index = freeCount > 0 ? freeSlots[--freeCount] : usedSlots++;
        @Nullable Slot<T>[] current = slots;
        if (index >= current.length) {
            current = Arrays.copyOf(current, current.length * 2);
        }
        long handle = ((long) ++generation << Integer.SIZE) | (index + 1);
        current[index] = new Slot<>(handle, value);
        slots = current;
        size++;
        return handle;
    }

    /** Stores a value under a handle that another table, of another process, gave it. */
    public synchronized void restore(long handle, T value) {
        int index = indexOf(handle);
        @Nullable Slot<T>[] current = slots;
        while (index >= current.length) {
            current = Arrays.copyOf(current, current.length * 2);
        }
        if (freeSlots.length < current.length) {
            freeSlots = Arrays.copyOf(freeSlots, current.length);
        }
        for (; usedSlots <= index; usedSlots++) {
            freeSlots[freeCount++] = usedSlots;
        }
        takeFree(index);
        current[index] = new Slot<>(handle, value);
        slots = current;
        generation = Math.max(generation, (int) (handle >>> Integer.SIZE));
        size++;
    }

    private void takeFree(int index) {
        for (int i = 0; i < freeCount; i++) {
            if (freeSlots[i] == index) {
                freeSlots[i] = freeSlots[--freeCount];
                return;
            }
        }
        throw new IllegalStateException("handle slot " + index + " is taken");
    }

    /** Every open thing with its handle, as it is at one moment. */
    public synchronized void forEach(HandleSink<? super T> sink) {
        for (Slot<T> slot : slots) {
            if (slot != null) {
                sink.open(slot.handle, slot.value);
            }
        }
    }

    /** Takes open things one at a time. */
    @FunctionalInterface
    public interface HandleSink<T> {
        void open(long handle, T value);
    }

    /** The value, or null if the handle is not open. */
    public @Nullable T get(long handle) {
        Slot<T> slot = slotOf(handle);
        return slot == null ? null : slot.value;
    }

    /** Takes a value out; null if the handle is not open. */
    public synchronized @Nullable T remove(long handle) {
        Slot<T> slot = slotOf(handle);
        if (slot == null) {
            return null;
        }
        int index = indexOf(handle);
        @Nullable Slot<T>[] current = slots;
        current[index] = null;
        slots = current;
        if (freeCount == freeSlots.length) {
            freeSlots = Arrays.copyOf(freeSlots, freeCount * 2);
        }
        freeSlots[freeCount++] = index;
        size--;
        return slot.value;
    }

    /** Takes everything out, handing each value over. */
    public synchronized void drain(Consumer<? super T> taker) {
        for (Slot<T> slot : slots.clone()) {
            if (slot != null && remove(slot.handle) != null) {
                taker.accept(slot.value);
            }
        }
    }

    public int size() {
        return size;
    }

    private @Nullable Slot<T> slotOf(long handle) {
        @Nullable Slot<T>[] current = slots;
        int index = indexOf(handle);
        if (index < 0 || index >= current.length) {
            return null;
        }
        Slot<T> slot = current[index];
        return slot != null && slot.handle == handle ? slot : null;
    }

    private static int indexOf(long handle) {
        return (int) handle - 1;
    }
}

package io.arcfs.fuse.jnr;

import jnr.ffi.annotations.Delegate;

/**
 * C function pointers by number of arguments, every argument a machine word.
 *
 * <p>jnr-fuse's own callback types turn paths into Strings, which damages names that are not UTF-8,
 * and make a structure object per request. On the machines arcfs runs on (System V x86-64, AAPCS64)
 * the first six integer or pointer arguments each arrive in a register, so one word per argument
 * fits every operation; the upper half of a C {@code int} is undefined and must be cut off.
 */
public final class Callbacks {
    private Callbacks() {}

    /** One argument. */
    @FunctionalInterface
    public interface Of1 {
        @Delegate
        long call(long a);
    }

    /** Two arguments. */
    @FunctionalInterface
    public interface Of2 {
        @Delegate
        long call(long a, long b);
    }

    /** Three arguments. */
    @FunctionalInterface
    public interface Of3 {
        @Delegate
        long call(long a, long b, long c);
    }

    /** Four arguments. */
    @FunctionalInterface
    public interface Of4 {
        @Delegate
        long call(long a, long b, long c, long d);
    }

    /** Five arguments. */
    @FunctionalInterface
    public interface Of5 {
        @Delegate
        long call(long a, long b, long c, long d, long e);
    }

    /** libfuse's {@code fuse_fill_dir_t}: 1 when the buffer is full. */
    public interface FillDir {
        @Delegate
        int fill(long buffer, long name, long stat, long offset);
    }
}

package io.arcfs.fuse.jnr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.arcfs.overlay.AttributeChange.Time;
import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystemSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Offsets as the C headers of x86-64 glibc 2.36 and libfuse 2.9.9 have them. */
final class NativeStructsTest {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);

    @BeforeEach
    void onlyOnTheCpuTheOffsetsAreOf() {
        assumeTrue("amd64".equals(System.getProperty("os.arch")), "the offsets below are x86-64's");
        memory.fill((byte) 0xee);
    }

    @Test
    void statIsFilled() {
        NativeStructs.putStat(
                memory.address(),
                new Attributes(1, 0100644, 3, 4, 5, 6, 7L << 40, 8, 13, 14, 9, 10, 11, 12));

        assertThat(NativeStructs.STAT_BYTES).isEqualTo(144);
        assertThat(memory.get(LONG, 8)).isEqualTo(1);
        assertThat(memory.get(LONG, 16)).isEqualTo(3);
        assertThat(memory.get(INT, 24)).isEqualTo(0100644);
        assertThat(memory.get(INT, 28)).isEqualTo(4);
        assertThat(memory.get(INT, 32)).isEqualTo(5);
        assertThat(memory.get(LONG, 40)).isEqualTo(6);
        assertThat(memory.get(LONG, 48)).isEqualTo(7L << 40);
        assertThat(memory.get(LONG, 56)).isEqualTo(131_072);
        assertThat(memory.get(LONG, 64)).isEqualTo(8);
        assertThat(memory.get(LONG, 72)).isEqualTo(13);
        assertThat(memory.get(LONG, 80)).isEqualTo(14);
        assertThat(memory.get(LONG, 88)).isEqualTo(9);
        assertThat(memory.get(LONG, 96)).isEqualTo(10);
        assertThat(memory.get(LONG, 104)).isEqualTo(11);
        assertThat(memory.get(LONG, 112)).isEqualTo(12);
        assertThat(memory.get(LONG, 144)).as("behind it").isEqualTo(0xeeeeeeeeeeeeeeeeL);
    }

    @Test
    void statvfsIsFilled() {
        NativeStructs.putSpace(
                memory.address(), new FileSystemSpace(8192 * 4096L, 4096 * 100L + 5, 7, 9), 255);

        assertThat(memory.get(LONG, 0)).isEqualTo(4096);
        assertThat(memory.get(LONG, 8)).isEqualTo(4096);
        assertThat(memory.get(LONG, 16)).isEqualTo(8192);
        assertThat(memory.get(LONG, 24)).isEqualTo(100);
        assertThat(memory.get(LONG, 32)).isEqualTo(100);
        assertThat(memory.get(LONG, 40)).isEqualTo(7);
        assertThat(memory.get(LONG, 48)).isEqualTo(9);
        assertThat(memory.get(LONG, 56)).isEqualTo(9);
        assertThat(memory.get(LONG, 80)).isEqualTo(255);
        assertThat(memory.get(LONG, 112)).as("behind it").isEqualTo(0xeeeeeeeeeeeeeeeeL);
    }

    @Test
    void fileInfoBitsStandInTheirRealPlace() {
        long address = memory.address();
        memory.set(INT, 0, 0x8001);
        NativeStructs.putHandle(address, 0x1234_5678_9abcL);

        assertThat(NativeStructs.openFlags(address)).isEqualTo(0x8001);
        assertThat(memory.get(LONG, 24)).isEqualTo(0x1234_5678_9abcL);
        assertThat(NativeStructs.handle(address)).isEqualTo(0x1234_5678_9abcL);
        NativeStructs.putCaching(address, FileCaching.DIRECT);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 20)).isEqualTo((byte) 1);
        NativeStructs.putCaching(address, FileCaching.KEPT);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 20)).isEqualTo((byte) 2);
        NativeStructs.putCaching(address, FileCaching.FRESH);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 20)).isZero();
        assertThat(memory.get(INT, 16)).as("writepage").isEqualTo(0xeeeeeeee);
    }

    @Test
    void theFlagBitsOfTheOperationTableStandBehindBmap() {
        var table = new OperationTable();

        assertThat(table.sizeBytes()).isEqualTo(360);
        assertThat(table.memory().getInt(304)).isEqualTo(7);
        assertThat(table.slots().fallocate.offset()).isEqualTo(352);
    }

    @Test
    void theCallerIsRead() {
        memory.set(INT, 8, 1000);
        memory.set(INT, 12, 0xfffffffe);

        assertThat(NativeStructs.caller(memory.address())).isEqualTo(new Caller(1000, -2, 0));
    }

    @Test
    void timesAreReadWithTheirSpecialValues() {
        long nowNanos = (1L << 30) - 1;
        long omitNanos = (1L << 30) - 2;
        putTimes(1, 2, -3, 4);
        assertThat(NativeStructs.mtime(memory.address())).isEqualTo(new Time(-3, 4));
        assertThat(NativeStructs.atime(memory.address())).isEqualTo(new Time(1, 2));
        putTimes(1, omitNanos, 0, nowNanos);
        assertThat(NativeStructs.mtime(memory.address())).isEqualTo(Time.NOW);
        assertThat(NativeStructs.atime(memory.address())).isNull();
        putTimes(0, nowNanos, 5, omitNanos);
        assertThat(NativeStructs.mtime(memory.address())).isNull();
        assertThat(NativeStructs.atime(memory.address())).isEqualTo(Time.NOW);
    }

    private void putTimes(long atime, long atimeNanos, long mtime, long mtimeNanos) {
        memory.set(LONG, 0, atime);
        memory.set(LONG, 8, atimeNanos);
        memory.set(LONG, 16, mtime);
        memory.set(LONG, 24, mtimeNanos);
    }
}

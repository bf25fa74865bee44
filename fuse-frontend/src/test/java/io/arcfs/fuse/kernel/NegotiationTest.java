package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.fuse.UnsupportedKernelException;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is agreed on with kernels that can everything, little, or speak another protocol. */
final class NegotiationTest {
    private static final int EVERYTHING = -1;

    // bits of linux/fuse.h, repeated on purpose
    private static final long WRITEBACK_CACHE = 1L << 16;
    private static final long NO_OPEN_SUPPORT = 1L << 17;
    private static final long AUTO_INVAL_DATA = 1L << 12;
    private static final long POSIX_LOCKS = 1L << 1;
    private static final long FLOCK_LOCKS = 1L << 10;
    private static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;
    private static final long PASSTHROUGH = 1L << 37;
    private static final long ASYNC_DIO = 1L << 15;
    private static final long POSIX_ACL = 1L << 20;
    private static final long OVER_IO_URING = 1L << 41;
    private static final long INIT_EXT = 1L << 30;
    private static final long MAX_PAGES = 1L << 22;

    private final Buffers buffers = new Buffers(Arena.ofAuto());

    private Request init(int major, int minor, int readahead, int flags, int flags2) {
        return RequestFrame.of(Opcode.INIT, 1, 0)
                .ints(major, minor, readahead, flags, flags2)
                .zeros(44)
                .arrive(buffers);
    }

    private Negotiation agreed(int flags, int flags2, boolean passthrough) throws Exception {
        return Negotiation.of(
                init(7, 45, 131_072, flags, flags2), InitFlag.wanted(passthrough, true, false));
    }

    @Test
    void whatWouldBreakAppendOnlyIsNeverAskedFor() throws Exception {
        for (boolean passthrough : new boolean[] {true, false}) {
            Negotiation agreed = agreed(EVERYTHING, EVERYTHING, passthrough);

            assertThat(agreed.has(WRITEBACK_CACHE)).as("write-back cache").isFalse();
            assertThat(agreed.has(DIRECT_IO_ALLOW_MMAP)).as("direct-I/O mmap").isFalse();
            assertThat(agreed.has(NO_OPEN_SUPPORT)).as("open without us").isFalse();
            assertThat(agreed.has(OVER_IO_URING)).as("io_uring").isFalse();
            assertThat(agreed.has(POSIX_LOCKS | FLOCK_LOCKS)).as("locks of ours").isFalse();
            assertThat(agreed.has(AUTO_INVAL_DATA)).as("pages by mtime").isFalse();
            assertThat(agreed.has(ASYNC_DIO)).as("direct reads deaf to signals").isFalse();
        }
    }

    @Test
    void theForbiddenFlagsAreThoseOfTheKernel() {
        assertThat(InitFlag.WRITEBACK_CACHE).isEqualTo(WRITEBACK_CACHE);
        assertThat(InitFlag.DIRECT_IO_ALLOW_MMAP).isEqualTo(DIRECT_IO_ALLOW_MMAP);
        assertThat(InitFlag.PASSTHROUGH).isEqualTo(PASSTHROUGH);
    }

    @Test
    void nothingIsAgreedOnThatTheKernelDoesNotOffer() throws Exception {
        Negotiation agreed = agreed(0, 0, true);

        assertThat(agreed.flags()).isZero();
        assertThat(agreed.maxWriteBytes()).as("32 pages").isEqualTo(128 * 1024);
        assertThat(agreed.maxStackDepth()).isZero();
    }

    @Test
    void maxPagesMakesRequestsOfOneMebibyte() throws Exception {
        assertThat(agreed((int) MAX_PAGES, 0, false).maxWriteBytes()).isEqualTo(1 << 20);
    }

    @Test
    void passthroughIsForWhoMayAndWhereTheKernelHasIt() throws Exception {
        assertThat(agreed(EVERYTHING, EVERYTHING, true).has(PASSTHROUGH)).isTrue();
        assertThat(agreed(EVERYTHING, EVERYTHING, true).maxStackDepth()).isEqualTo(1);
        assertThat(agreed(EVERYTHING, EVERYTHING, false).has(PASSTHROUGH)).isFalse();
        assertThat(agreed(EVERYTHING, EVERYTHING, false).maxStackDepth()).isZero();
        assertThat(agreed(EVERYTHING, 0, true).has(PASSTHROUGH)).isFalse();
    }

    @Test
    void accessControlListsAreLeftToTheMountOptions() throws Exception {
        Request init = init(7, 45, 131_072, EVERYTHING, EVERYTHING);

        assertThat(Negotiation.of(init, InitFlag.wanted(true, true, false)).has(POSIX_ACL))
                .isTrue();
        Negotiation without = Negotiation.of(init, InitFlag.wanted(true, false, false));
        assertThat(without.has(POSIX_ACL)).isFalse();
        assertThat(without.has(PASSTHROUGH)).isTrue();
    }

    @Test
    void theSecondWordOfFlagsCountsOnlyWithInitExt() throws Exception {
        assertThat(agreed((int) ~INIT_EXT, EVERYTHING, true).has(PASSTHROUGH)).isFalse();
        assertThat(agreed(EVERYTHING, EVERYTHING, true).has(INIT_EXT)).as("said back").isTrue();
    }

    @Test
    void aShortInitOfAnOlderKernelHasNoSecondWord() throws Exception {
        Request old =
                RequestFrame.of(Opcode.INIT, 1, 0).ints(7, 31, 131_072, EVERYTHING).arrive(buffers);

        Negotiation agreed = Negotiation.of(old, InitFlag.WANTED);
        assertThat(agreed.minor()).isEqualTo(31);
        assertThat(agreed.has(PASSTHROUGH)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"28, 28", "31, 31", "45, 45", "46, 45", "99, 45"})
    void theOlderOfBothMinorsIsSpoken(int kernel, int agreed) throws Exception {
        assertThat(Negotiation.of(init(7, kernel, 131_072, 0, 0), InitFlag.WANTED).minor())
                .isEqualTo(agreed);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "4096, 4096", "131072, 131072", "1048576, 1048576", "4194304, 1048576"})
    void readaheadIsWhatTheKernelOffersUpToARequest(int offered, int agreed) throws Exception {
        assertThat(Negotiation.of(init(7, 45, offered, 0, 0), InitFlag.WANTED).maxReadaheadBytes())
                .isEqualTo(agreed);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 23, 27})
    void anOldKernelIsRefusedWithWhatToDo(int minor) {
        assertThatThrownBy(() -> Negotiation.of(init(7, minor, 131_072, 0, 0), InitFlag.WANTED))
                .isInstanceOf(UnsupportedKernelException.class)
                .hasMessageContaining("FUSE 7." + minor)
                .hasMessageContaining("Linux 4.20")
                .hasMessageContaining("fuse=jnr")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aSmallerMajorIsRefused() {
        Request init = init(6, 99, 0, 0, 0);

        assertThat(Negotiation.isOtherMajor(init)).isFalse();
        assertThatThrownBy(() -> Negotiation.of(init, InitFlag.WANTED))
                .isInstanceOf(UnsupportedKernelException.class)
                .hasMessageContaining("FUSE 6.99");
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 100, Integer.MAX_VALUE, -1})
    void aLaterMajorIsAskedToComeAgain(int major) {
        assertThat(Negotiation.isOtherMajor(init(major, 0, 0, 0, 0))).isTrue();
    }

    @Test
    void ourOwnMajorIsNoOther() {
        assertThat(Negotiation.isOtherMajor(init(7, 45, 0, 0, 0))).isFalse();
    }
}

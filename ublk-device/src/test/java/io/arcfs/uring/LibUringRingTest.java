package io.arcfs.uring;

import io.arcfs.uring.abi.LibUring;
import io.arcfs.uring.abi.RingCalls;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

@NeedsIoUring
class LibUringRingTest extends IoUringContract {
    @BeforeAll
    static void libraryIsThere() {
        Assumptions.assumeTrue(
                LibUring.find().isPresent(), "no liburing.so.2 of 2.3 or later (liburing2)");
    }

    @Override
    RingCalls calls() {
        return LibUring.find().orElseThrow();
    }
}

package io.arcfs.uring;

import io.arcfs.uring.abi.DirectCalls;
import io.arcfs.uring.abi.RingCalls;

@NeedsIoUring
class DirectCallsRingTest extends IoUringContract {
    @Override
    RingCalls calls() {
        return new DirectCalls();
    }
}

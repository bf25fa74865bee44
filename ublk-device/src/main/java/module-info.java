/**
 * Block devices and the only door to native code: io_uring, ublk and posix; and what every module
 * needs: failpoints and a lock. Depends on nothing of ours.
 */
module io.arcfs.ublkdevice {
    requires static org.jspecify;

    exports io.arcfs.device;
    exports io.arcfs.failpoint;
    exports io.arcfs.lock;
    exports io.arcfs.posix;
    exports io.arcfs.uring;
    exports io.arcfs.ublk;
    exports io.arcfs.ublk.abi;
    exports io.arcfs.uring.abi;
}

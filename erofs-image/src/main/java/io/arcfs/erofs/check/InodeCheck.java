package io.arcfs.erofs.check;

import io.arcfs.erofs.DataLayout;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import java.io.IOException;
import java.util.List;

/** Checks one inode by itself: xattrs, target, where its data lies. Confined to one thread. */
final class InodeCheck {
    private final ErofsImage image;
    private final List<Long> deviceLengths;

    InodeCheck(ErofsImage image, List<Long> deviceLengths) {
        this.image = image;
        this.deviceLengths = deviceLengths;
    }

    /** What can only be found by an exception ends the check of this inode. */
    void check(Inode inode, Report report) throws IOException {
        image.xattrs(inode.nid());
        if (inode.isSymlink()) {
            image.symlinkTarget(inode.nid());
        } else if (inode.isRegular()) {
            checkData(inode, report);
        }
        if (inode.nlink() == 0) {
            report.finding(image.inodeOffset(inode.nid()), "link count of 0");
        }
    }

    private void checkData(Inode inode, Report report) throws IOException {
        int device = -1;
        long offset = 0;
        while (offset < inode.size()) {
            Extent extent = image.extentAt(inode.nid(), offset);
            if (extent instanceof Extent.Mapped mapped) {
                checkEnd(inode, mapped, report);
                // The end of inline data is metadata, which is read by itself.
                if (device >= 0
                        && device != mapped.deviceId()
                        && inode.layout() == DataLayout.CHUNK_BASED) {
                    report.finding(
                            image.inodeOffset(inode.nid()),
                            "chunks on devices %d and %d: kernels may read them wrong"
                                    .formatted(device, mapped.deviceId()));
                    return;
                }
                device = mapped.deviceId();
            }
            offset += extent.lengthBytes();
        }
    }

    private void checkEnd(Inode inode, Extent.Mapped extent, Report report) throws IOException {
        if (extent.deviceId() == 0 || extent.deviceId() > deviceLengths.size()) {
            return;
        }
        long deviceBytes = deviceLengths.get(extent.deviceId() - 1);
        if (extent.addressBytes() > deviceBytes - extent.lengthBytes()) {
            report.finding(
                    image.inodeOffset(inode.nid()),
                    "data of %d bytes at %d, device %d has %d"
                            .formatted(
                                    extent.lengthBytes(),
                                    extent.addressBytes(),
                                    extent.deviceId(),
                                    deviceBytes));
        }
    }

    /** Takes what is wrong with the inode. */
    @FunctionalInterface
    interface Report {
        void finding(long offsetBytes, String what);
    }
}

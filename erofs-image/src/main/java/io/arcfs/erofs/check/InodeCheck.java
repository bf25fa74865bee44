package io.arcfs.erofs.check;

import io.arcfs.erofs.DataLayout;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Extent;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import java.io.IOException;
import java.util.List;

/** Checks one inode by itself: xattrs, target, where its data lies. Confined to one thread. */
final class InodeCheck {
    private final ErofsImage image;
    private final List<Long> deviceLengths;
    private final PlacedRanges ranges;

    InodeCheck(ErofsImage image, List<Long> deviceLengths, PlacedRanges ranges) {
        this.image = image;
        this.deviceLengths = deviceLengths;
        this.ranges = ranges;
    }

    /** What can only be found by an exception ends the check of this inode. */
    void check(Inode inode, Place place, Report report) throws IOException {
        List<Xattr> xattrs = image.xattrs(inode.nid());
        if (NameFilter.isUsed(image) && NameFilter.hidesAny(image, inode, xattrs)) {
            report.finding(
                    image.inodeOffset(inode.nid()),
                    "a name filter that hides an xattr that is there");
        }
        if (inode.isSymlink()) {
            image.symlinkTarget(inode.nid());
        }
        if (inode.isSymlink() || inode.isRegular() || inode.isDirectory()) {
            checkData(inode, place, report);
        }
        if (inode.nlink() == 0) {
            report.finding(image.inodeOffset(inode.nid()), "link count of 0");
        }
    }

    private void checkData(Inode inode, Place place, Report report) throws IOException {
        int device = -1;
        long offset = 0;
        while (offset < inode.size()) {
            Extent extent = image.extentAt(inode.nid(), offset);
            if (extent instanceof Extent.Mapped mapped) {
                checkEnd(inode, mapped, report);
                addRange(inode, place, mapped);
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

    /** Blocks in the image itself; what stands behind the inode is part of it. */
    private void addRange(Inode inode, Place place, Extent.Mapped extent) throws IOException {
        long start = image.inodeOffset(inode.nid());
        long behind = extent.addressBytes() - start;
        boolean inline = behind >= 0 && behind < image.inodeLengthBytes(inode.nid());
        if (extent.deviceId() != 0 || (inline && inode.layout() == DataLayout.FLAT_INLINE)) {
            return;
        }
        if (inode.isDirectory()) {
            ranges.addMetadata(extent.addressBytes(), extent.lengthBytes(), place);
        } else {
            ranges.addData(extent.addressBytes(), extent.lengthBytes(), place);
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

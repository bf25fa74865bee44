package io.arcfs.erofs;

import static io.arcfs.erofs.layout.LittleEndian.i64;
import static io.arcfs.erofs.layout.LittleEndian.u16;
import static io.arcfs.erofs.layout.LittleEndian.u32;
import static io.arcfs.erofs.layout.LittleEndian.u8;
import static io.arcfs.erofs.layout.SuperBlockLayout.*;

import io.arcfs.erofs.layout.DeviceSlotLayout;
import io.arcfs.erofs.layout.SuperBlockChecksum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Reads and checks superblock and device table. Stateless. */
final class SuperBlockReader {
    /** The kernel keeps the superblock within the first page, whatever the block size. */
    private static final long PAGE = 4096;

    private static final int SUPPORTED_INCOMPAT =
            INCOMPAT_LZ4_0PADDING
                    | INCOMPAT_COMPR_CFGS
                    | INCOMPAT_CHUNKED_FILE
                    | INCOMPAT_DEVICE_TABLE
                    | INCOMPAT_ZTAILPACKING
                    | INCOMPAT_FRAGMENTS
                    | INCOMPAT_XATTR_PREFIXES
                    | INCOMPAT_48BIT;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private SuperBlockReader() {}

    static SuperBlock read(ImageBytes image)
            throws CorruptImageException, UnsupportedImageException {
        if (image.size() < SUPER_OFFSET + SIZE) {
            throw image.corrupt(
                    image.size(), "too short for a superblock: " + image.size() + " bytes");
        }
        var bytes = image.segment;
        if (u32(bytes, SUPER_OFFSET + MAGIC) != MAGIC_V1) {
            throw image.corrupt(SUPER_OFFSET, "no EROFS superblock: bad magic");
        }
        int blockBits = u8(bytes, SUPER_OFFSET + BLKSZBITS);
        if (blockBits < 9 || blockBits > 16) {
            throw image.corrupt(
                    SUPER_OFFSET + BLKSZBITS, "block size of 2^" + blockBits + " bytes");
        }
        long superBlockSize = SIZE + EXTENSION_SLOT_SIZE * u8(bytes, SUPER_OFFSET + SB_EXTSLOTS);
        if (superBlockSize > PAGE - SUPER_OFFSET) {
            throw image.corrupt(
                    SUPER_OFFSET + SB_EXTSLOTS, "superblock of " + superBlockSize + " bytes");
        }
        image.require(SUPER_OFFSET, superBlockSize, "superblock");
        int compat = (int) u32(bytes, SUPER_OFFSET + FEATURE_COMPAT);
        if ((compat & COMPAT_SB_CHKSUM) != 0) {
            checkChecksum(image, blockBits);
        }
        int incompat = (int) u32(bytes, SUPER_OFFSET + FEATURE_INCOMPAT);
        if ((incompat & ~SUPPORTED_INCOMPAT) != 0) {
            throw new UnsupportedImageException(
                    "incompatible features 0x%x of 0x%x (%s)"
                            .formatted(incompat & ~SUPPORTED_INCOMPAT, incompat, image.name()));
        }
        if (u8(bytes, SUPER_OFFSET + DIRBLKBITS) != 0) {
            throw image.corrupt(SUPER_OFFSET + DIRBLKBITS, "directory blocks of another size");
        }
        long fixedNanos = u32(bytes, SUPER_OFFSET + FIXED_NSEC);
        if (fixedNanos >= NANOS_PER_SECOND) {
            throw image.corrupt(SUPER_OFFSET + FIXED_NSEC, fixedNanos + " nanoseconds");
        }
        return checkExtent(image, decode(image, blockBits, compat, incompat, (int) fixedNanos));
    }

    private static SuperBlock decode(
            ImageBytes image, int blockBits, int compat, int incompat, int fixedNanos) {
        var bytes = image.segment;
        boolean wide = (incompat & INCOMPAT_48BIT) != 0;
        long rootNid = u16(bytes, SUPER_OFFSET + ROOTNID_2B);
        long blocks = u32(bytes, SUPER_OFFSET + BLOCKS_LO);
        long wideRootNid = i64(bytes, SUPER_OFFSET + ROOTNID_8B);
        if (wide && wideRootNid != 0) {
            blocks |= rootNid << 32;
            rootNid = wideRootNid;
        }
        boolean hasDevices = (incompat & INCOMPAT_DEVICE_TABLE) != 0;
        boolean hasPrefixes = (incompat & INCOMPAT_XATTR_PREFIXES) != 0;
        ByteBuffer uuid = ByteBuffer.wrap(image.copy(SUPER_OFFSET + UUID, 16));
        return new SuperBlock(
                compat,
                incompat,
                blockBits,
                rootNid,
                i64(bytes, SUPER_OFFSET + INOS),
                i64(bytes, SUPER_OFFSET + EPOCH),
                fixedNanos,
                blocks,
                u32(bytes, SUPER_OFFSET + META_BLKADDR),
                u32(bytes, SUPER_OFFSET + XATTR_BLKADDR),
                new UUID(uuid.getLong(), uuid.getLong()),
                volumeName(image.copy(SUPER_OFFSET + VOLUME_NAME, 16)),
                hasDevices ? u16(bytes, SUPER_OFFSET + EXTRA_DEVICES) : 0,
                (long) u16(bytes, SUPER_OFFSET + DEVT_SLOTOFF) * DeviceSlotLayout.SIZE,
                hasPrefixes ? u8(bytes, SUPER_OFFSET + XATTR_PREFIX_COUNT) : 0,
                u32(bytes, SUPER_OFFSET + XATTR_PREFIX_START) * 4);
    }

    private static SuperBlock checkExtent(ImageBytes image, SuperBlock superBlock)
            throws CorruptImageException {
        if (superBlock.blocks() > image.size() >> superBlock.blockBits()) {
            throw image.corrupt(
                    SUPER_OFFSET + BLOCKS_LO,
                    "image is cut short: %d blocks of %d bytes, %d bytes are there"
                            .formatted(
                                    superBlock.blocks(),
                                    superBlock.blockSizeBytes(),
                                    image.size()));
        }
        image.require(
                superBlock.deviceTableOffsetBytes(),
                superBlock.extraDevices() * DeviceSlotLayout.SIZE,
                "device table");
        return superBlock;
    }

    static List<DeviceSlot> readDeviceSlots(ImageBytes image, SuperBlock superBlock) {
        var bytes = image.segment;
        boolean wide = superBlock.hasIncompatible(INCOMPAT_48BIT);
        List<DeviceSlot> slots = new ArrayList<>(superBlock.extraDevices());
        for (int i = 0; i < superBlock.extraDevices(); i++) {
            long slot = superBlock.deviceTableOffsetBytes() + i * DeviceSlotLayout.SIZE;
            long blocks = u32(bytes, slot + DeviceSlotLayout.BLOCKS_LO);
            long unified = u32(bytes, slot + DeviceSlotLayout.UNIADDR_LO);
            if (wide) {
                blocks |= (long) u16(bytes, slot + DeviceSlotLayout.BLOCKS_HI) << 32;
                unified |= (long) u16(bytes, slot + DeviceSlotLayout.UNIADDR_HI) << 32;
            }
            byte[] tag = image.copy(slot + DeviceSlotLayout.TAG, DeviceSlotLayout.TAG_SIZE);
            slots.add(new DeviceSlot(tag, blocks, unified));
        }
        return List.copyOf(slots);
    }

    private static void checkChecksum(ImageBytes image, int blockBits)
            throws CorruptImageException {
        long covered = SuperBlockChecksum.end(1L << blockBits) - SUPER_OFFSET;
        image.require(SUPER_OFFSET, covered, "superblock's block");
        long stored = u32(image.segment, SUPER_OFFSET + CHECKSUM);
        long computed =
                SuperBlockChecksum.of(image.segment.asSlice(SUPER_OFFSET, covered).asByteBuffer());
        if (stored != computed) {
            throw image.corrupt(
                    SUPER_OFFSET + CHECKSUM,
                    "superblock checksum is 0x%08x, should be 0x%08x".formatted(stored, computed));
        }
    }

    private static String volumeName(byte[] field) {
        int length = 0;
        while (length < field.length && field[length] != 0) {
            length++;
        }
        return new String(field, 0, length, StandardCharsets.UTF_8);
    }
}

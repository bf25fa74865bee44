package io.arcfs.erofs.write;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.layout.DeviceSlotLayout;
import io.arcfs.erofs.layout.LittleEndian;
import io.arcfs.erofs.layout.SuperBlockLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Encodes superblock and device slots. Stateless. */
final class SuperBlockEncoder {
    private static final int WORD_BITS = 32;

    private SuperBlockEncoder() {}

    /** The superblock, its checksum left 0. */
    static byte[] superBlock(ImageOptions options, Placement placement, TreeSurvey survey) {
        byte[] bytes = new byte[(int) SuperBlockLayout.SIZE];
        MemorySegment block = MemorySegment.ofArray(bytes);
        LittleEndian.putU32(block, SuperBlockLayout.MAGIC, SuperBlockLayout.MAGIC_V1);
        LittleEndian.putU32(
                block,
                SuperBlockLayout.FEATURE_COMPAT,
                SuperBlockLayout.COMPAT_SB_CHKSUM | SuperBlockLayout.COMPAT_MTIME);
        LittleEndian.putU8(block, SuperBlockLayout.BLKSZBITS, options.blockBits());
        LittleEndian.putI64(block, SuperBlockLayout.INOS, survey.inodes.rows);
        LittleEndian.putI64(block, SuperBlockLayout.EPOCH, options.epochSeconds());
        LittleEndian.putU32(block, SuperBlockLayout.FIXED_NSEC, options.epochNanos());
        LittleEndian.putU32(block, SuperBlockLayout.BLOCKS_LO, placement.blocks);
        LittleEndian.putU32(block, SuperBlockLayout.META_BLKADDR, placement.metaBlock);
        if (survey.sharedXattrs.areaBytes() > 0) {
            LittleEndian.putU32(block, SuperBlockLayout.XATTR_BLKADDR, placement.xattrBlock);
        }
        ByteBuffer uuid = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
        uuid.putLong((int) SuperBlockLayout.UUID, options.uuid().getMostSignificantBits());
        uuid.putLong((int) SuperBlockLayout.UUID + 8, options.uuid().getLeastSignificantBits());
        byte[] name = options.volumeName().getBytes(StandardCharsets.UTF_8);
        System.arraycopy(name, 0, bytes, (int) SuperBlockLayout.VOLUME_NAME, name.length);
        putFeatures(block, options, placement);
        return bytes;
    }

    private static void putFeatures(
            MemorySegment block, ImageOptions options, Placement placement) {
        int devices = options.devices().size();
        int features = SuperBlockLayout.INCOMPAT_CHUNKED_FILE;
        long rootNid = placement.nid(0);
        if (devices > 0) {
            features |= SuperBlockLayout.INCOMPAT_DEVICE_TABLE;
            LittleEndian.putU16(block, SuperBlockLayout.EXTRA_DEVICES, devices);
            LittleEndian.putU16(
                    block,
                    SuperBlockLayout.DEVT_SLOTOFF,
                    (int) (Placement.DEVICE_TABLE / DeviceSlotLayout.SIZE));
        }
        if (placement.isWide()) {
            // The root's nid moves; in its old place stand high bits of the length, which are 0.
            features |= SuperBlockLayout.INCOMPAT_48BIT;
            LittleEndian.putI64(block, SuperBlockLayout.ROOTNID_8B, rootNid);
        } else {
            LittleEndian.putU16(block, SuperBlockLayout.ROOTNID_2B, (int) rootNid);
        }
        LittleEndian.putU32(block, SuperBlockLayout.FEATURE_INCOMPAT, features);
    }

    static byte[] deviceSlot(DeviceSlot device) {
        byte[] bytes = new byte[(int) DeviceSlotLayout.SIZE];
        MemorySegment slot = MemorySegment.ofArray(bytes);
        System.arraycopy(
                device.tag64(), 0, bytes, (int) DeviceSlotLayout.TAG, DeviceSlotLayout.TAG_SIZE);
        LittleEndian.putU32(slot, DeviceSlotLayout.BLOCKS_LO, device.blocks());
        LittleEndian.putU32(slot, DeviceSlotLayout.UNIADDR_LO, device.unifiedBlock());
        LittleEndian.putU16(
                slot, DeviceSlotLayout.BLOCKS_HI, (int) (device.blocks() >>> WORD_BITS));
        LittleEndian.putU16(
                slot, DeviceSlotLayout.UNIADDR_HI, (int) (device.unifiedBlock() >>> WORD_BITS));
        return bytes;
    }
}

package io.arcfs.erofs.layout;

import static io.arcfs.erofs.layout.LittleEndian.U16;
import static io.arcfs.erofs.layout.LittleEndian.U32;
import static io.arcfs.erofs.layout.LittleEndian.bytes;
import static io.arcfs.erofs.layout.LittleEndian.offset;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** {@code struct erofs_deviceslot}: one extra device, 128 bytes in the device table. */
public final class DeviceSlotLayout {
    public static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    bytes("tag", 64),
                    U32.withName("blocks_lo"),
                    U32.withName("uniaddr_lo"),
                    U16.withName("blocks_hi"),
                    U16.withName("uniaddr_hi"),
                    bytes("reserved", 52));

    public static final long SIZE = LAYOUT.byteSize();
    public static final int TAG_SIZE = 64;

    public static final long TAG = offset(LAYOUT, "tag");
    public static final long BLOCKS_LO = offset(LAYOUT, "blocks_lo");
    public static final long UNIADDR_LO = offset(LAYOUT, "uniaddr_lo");
    public static final long BLOCKS_HI = offset(LAYOUT, "blocks_hi");
    public static final long UNIADDR_HI = offset(LAYOUT, "uniaddr_hi");

    private DeviceSlotLayout() {}
}

package io.arcfs.erofs.layout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What {@code erofs_check_ondisk_layout_definitions} asserts, and offsets by the header. */
class LayoutSizesTest {
    @Test
    void sizesAreThoseOfTheHeader() {
        assertThat(SuperBlockLayout.SIZE).isEqualTo(128);
        assertThat(DeviceSlotLayout.SIZE).isEqualTo(128);
        assertThat(CompactInodeLayout.SIZE).isEqualTo(32);
        assertThat(ExtendedInodeLayout.SIZE).isEqualTo(64);
        assertThat(DirentLayout.SIZE).isEqualTo(12);
        assertThat(ChunkIndexLayout.SIZE).isEqualTo(8);
        assertThat(XattrLayout.IBODY_HEADER_SIZE).isEqualTo(12);
        assertThat(XattrLayout.ENTRY_SIZE).isEqualTo(4);
        assertThat(InodeFormat.SLOT_SIZE).isEqualTo(32);
    }

    @Test
    void fieldsStandWhereTheHeaderPutsThem() {
        assertThat(SuperBlockLayout.BLKSZBITS).isEqualTo(12);
        assertThat(SuperBlockLayout.EPOCH).isEqualTo(24);
        assertThat(SuperBlockLayout.UUID).isEqualTo(48);
        assertThat(SuperBlockLayout.FEATURE_INCOMPAT).isEqualTo(80);
        assertThat(SuperBlockLayout.DEVT_SLOTOFF).isEqualTo(88);
        assertThat(SuperBlockLayout.XATTR_PREFIX_START).isEqualTo(92);
        assertThat(SuperBlockLayout.BUILD_TIME).isEqualTo(108);
        assertThat(SuperBlockLayout.ROOTNID_8B).isEqualTo(112);
        assertThat(DeviceSlotLayout.UNIADDR_HI).isEqualTo(74);
        assertThat(CompactInodeLayout.U).isEqualTo(16);
        assertThat(ExtendedInodeLayout.U).isEqualTo(16);
        assertThat(ExtendedInodeLayout.NLINK).isEqualTo(44);
        assertThat(DirentLayout.FILE_TYPE).isEqualTo(10);
        assertThat(ChunkIndexLayout.STARTBLK_LO).isEqualTo(4);
    }
}

package io.arcfs.tier.medium;

import io.arcfs.tier.medium.AlignedFile.Transfers;

/** The same without io_uring, as on a kernel that refuses it. */
final class PositionedBlockMediumTest extends BlockMediumTest {
    @Override
    Transfers transfers() {
        return Transfers.POSITIONED;
    }
}

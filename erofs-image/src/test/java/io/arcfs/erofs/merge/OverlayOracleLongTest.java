package io.arcfs.erofs.merge;

import org.junit.jupiter.api.Tag;

/** Hundreds of stacks that {@link OverlayOracleTest} does not have. */
@Tag("slow")
class OverlayOracleLongTest extends OverlayOracleTest {
    @Override
    int randomCases() {
        return 400;
    }

    @Override
    long firstSeed() {
        return super.firstSeed() + 1_000_000;
    }
}

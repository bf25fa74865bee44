package io.arcfs.erofs;

import org.junit.jupiter.api.Tag;

/** Damage that {@link FuzzTest} does not do. */
@Tag("slow")
class FuzzLongTest extends FuzzTest {
    @Override
    int cases() {
        return 100_000;
    }

    @Override
    long firstSeed() {
        return super.firstSeed() + 1_000_000;
    }
}

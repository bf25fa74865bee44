package io.arcfs.erofs.merge;

import org.junit.jupiter.api.Tag;

/** Histories that {@link KernelMadeLayersTest} does not have. */
@Tag("slow")
class KernelMadeLayersLongTest extends KernelMadeLayersTest {
    @Override
    int histories() {
        return 40;
    }

    @Override
    long firstSeed() {
        return super.firstSeed() + 1_000_000;
    }
}

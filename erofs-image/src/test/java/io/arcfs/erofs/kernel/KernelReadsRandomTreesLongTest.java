package io.arcfs.erofs.kernel;

import org.junit.jupiter.api.Tag;

/** Hundreds of trees that {@link KernelReadsRandomTreesTest} does not have. */
@Tag("slow")
class KernelReadsRandomTreesLongTest extends KernelReadsRandomTreesTest {
    @Override
    int trees() {
        return 400;
    }

    @Override
    long firstSeed() {
        return super.firstSeed() + 1_000_000;
    }
}

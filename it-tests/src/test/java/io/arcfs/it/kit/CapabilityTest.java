package io.arcfs.it.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code ARCFS_REQUIRE} names is looked for, whether or not a test asks for it. */
class CapabilityTest {
    @Test
    void everyRequiredNameIsKnown() {
        List<String> known = Arrays.stream(Capability.values()).map(Capability::wireName).toList();
        assertThat(known).containsAll(Capability.required());
    }

    @Test
    void everyRequiredCapabilityIsThere() {
        assertThat(Arrays.stream(Capability.values()).filter(Capability::isRequired))
                .allSatisfy(c -> assertThat(c.missingBecause()).as(c.wireName()).isEmpty());
    }
}

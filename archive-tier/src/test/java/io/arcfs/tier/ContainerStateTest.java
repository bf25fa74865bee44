package io.arcfs.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ContainerStateTest {
    @Test
    void onlyTheStepsOfTheDiagramAreLegal() {
        List<Set<ContainerState>> next =
                List.of(
                        EnumSet.of(ContainerState.OPEN, ContainerState.STAGED),
                        EnumSet.of(ContainerState.STAGED, ContainerState.COLD),
                        EnumSet.of(ContainerState.COLD, ContainerState.EVICTED),
                        EnumSet.of(ContainerState.EVICTED, ContainerState.COLD));
        int row = 0;
        for (ContainerState from : ContainerState.values()) {
            for (ContainerState to : ContainerState.values()) {
                assertThat(from.canBecome(to))
                        .as("%s to %s", from, to)
                        .isEqualTo(next.get(row).contains(to));
            }
            row++;
        }
    }

    @Test
    void numbersOnDiskAreForever() {
        assertThat(ContainerState.ofPersistentId(1)).isEqualTo(ContainerState.OPEN);
        assertThat(ContainerState.ofPersistentId(2)).isEqualTo(ContainerState.STAGED);
        assertThat(ContainerState.ofPersistentId(3)).isEqualTo(ContainerState.COLD);
        assertThat(ContainerState.ofPersistentId(4)).isEqualTo(ContainerState.EVICTED);
        assertThatThrownBy(() -> ContainerState.ofPersistentId(5))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

package io.arcfs.tier.catalog;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What the catalog knows of a container in use. Immutable.
 *
 * @param usedBytes offset behind the last used byte, from the container's start; 0 while OPEN
 * @param placements copies that were read back and found whole; at most one per medium
 */
public record ContainerRow(
        ContainerId id, ContainerState state, long usedBytes, List<Placement> placements) {
    public ContainerRow {
        placements = List.copyOf(placements);
    }

    public static ContainerRow opened(ContainerId id) {
        return new ContainerRow(id, ContainerState.OPEN, 0, List.of());
    }

    public ContainerRow staged(long closedUsedBytes) {
        return new ContainerRow(id, next(ContainerState.STAGED), closedUsedBytes, placements);
    }

    public ContainerRow in(ContainerState state) {
        return new ContainerRow(id, next(state), usedBytes, placements);
    }

    public ContainerRow placed(Placement placement) {
        List<Placement> all =
                Stream.concat(
                                placements.stream()
                                        .filter(p -> !p.medium().equals(placement.medium())),
                                Stream.of(placement))
                        .toList();
        return new ContainerRow(id, state, usedBytes, all);
    }

    /** Without the copy on a medium that is let go. */
    public ContainerRow withoutCopyOn(UUID medium) {
        List<Placement> rest = placements.stream().filter(p -> !p.medium().equals(medium)).toList();
        return new ContainerRow(id, state, usedBytes, rest);
    }

    private ContainerState next(ContainerState next) {
        if (!state.canBecome(next)) {
            throw new IllegalStateException(id + " is " + state + " and cannot become " + next);
        }
        return next;
    }
}

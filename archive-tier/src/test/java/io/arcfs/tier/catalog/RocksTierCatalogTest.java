package io.arcfs.tier.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RocksTierCatalogTest {
    private static final UUID VOLUME = new UUID(1, 2);
    private static final UUID MEDIUM = new UUID(3, 4);

    @TempDir Path dir;

    @Test
    void everythingIsThereAfterReopening() throws IOException {
        ContainerRow open = ContainerRow.opened(new ContainerId(70_000, 3));
        ContainerRow cold =
                ContainerRow.opened(new ContainerId(2, 1))
                        .staged(123_456)
                        .placed(new Placement(MEDIUM, "c00000002.0001"))
                        .placed(new Placement(new UUID(5, 6), "plätze/2"))
                        .in(ContainerState.COLD);
        try (TierCatalog catalog = open()) {
            assertThat(catalog.rows()).isEmpty();
            catalog.put(open);
            catalog.putClosed(cold, new byte[] {1, 2, 3});
            catalog.putMedium("dir:/mnt/täglich", MEDIUM);
        }
        try (TierCatalog catalog = open()) {
            assertThat(catalog.rows()).containsExactly(cold, open);
            assertThat(catalog.footer(cold.id())).hasValue(new byte[] {1, 2, 3});
            assertThat(catalog.footer(new ContainerId(2, 2))).isEmpty();
            assertThat(catalog.media()).containsEntry("dir:/mnt/täglich", MEDIUM).hasSize(1);
            catalog.remove(cold.id());
            assertThat(catalog.rows()).containsExactly(open);
            assertThat(catalog.footer(cold.id())).isEmpty();
        }
    }

    @Test
    void theCatalogOfAnotherVolumeOrGeometryIsRefused() throws IOException {
        open().close();
        assertThatThrownBy(() -> RocksTierCatalog.open(dir, MEDIUM, Geometry.DEFAULT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to another volume or geometry");
        Geometry other = new Geometry(4096, 65_536, 12_288, 1 << 20, 2 << 20, 4);
        assertThatThrownBy(() -> RocksTierCatalog.open(dir, VOLUME, other))
                .hasMessageContaining("belongs to another volume or geometry");
    }

    @Test
    void aMalformedRowIsAnErrorThatNamesItsContainer() throws IOException {
        byte[] row = ContainerRowCodec.encode(ContainerRow.opened(new ContainerId(2, 1)));
        assertThat(ContainerRowCodec.decode(2, row).state()).isEqualTo(ContainerState.OPEN);
        for (int length = 0; length < row.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(row, length);
            assertThatThrownBy(() -> ContainerRowCodec.decode(2, cut))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("row of container 2");
        }
        row[0] = 9;
        assertThatThrownBy(() -> ContainerRowCodec.decode(2, row))
                .hasMessageContaining("has version 9; this arcfs reads version 1");
    }

    @Test
    void aSecondCopyOnTheSameMediumReplacesTheFirst() {
        ContainerRow row =
                ContainerRow.opened(new ContainerId(2, 1))
                        .placed(new Placement(MEDIUM, "a"))
                        .placed(new Placement(MEDIUM, "b"));
        assertThat(row.placements()).isEqualTo(List.of(new Placement(MEDIUM, "b")));
        assertThatThrownBy(() -> row.in(ContainerState.EVICTED))
                .hasMessage("container 2.1 is OPEN and cannot become EVICTED");
    }

    private TierCatalog open() throws IOException {
        return RocksTierCatalog.open(dir, VOLUME, Geometry.DEFAULT);
    }
}

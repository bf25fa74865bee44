package io.arcfs.recovery.fsck;

import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.ContainerRecord;
import io.arcfs.recovery.VolumeDescriptor;
import io.arcfs.recovery.VolumeLayout;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.catalog.ContainerRow;
import io.arcfs.tier.catalog.RocksTierCatalog;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The volume that is checked, as far as it could be opened.
 *
 * @param catalog null if it cannot be opened
 * @param tierCatalog null if it cannot be opened
 * @param containers of the namespace's catalog, by number
 * @param rows of the tier's catalog, by number
 */
record Subject(
        VolumeLayout layout,
        VolumeDescriptor descriptor,
        @Nullable Catalog catalog,
        @Nullable RocksTierCatalog tierCatalog,
        Map<Integer, ContainerRecord> containers,
        Map<Integer, ContainerRow> rows) {
    Geometry geometry() {
        return descriptor.geometry();
    }

    Path file(String name) {
        return layout.directory().resolve(name);
    }
}

package io.arcfs.failpoint;

import java.io.IOException;

/**
 * A step of the durability protocol that has just been done and before whose successor the process
 * may die. In the order of the protocols; docs/durability.md says what holds at each.
 */
public enum Failpoint {
    // An append file comes, is made durable, and goes.
    APPEND_FILE_CREATED,
    APPEND_WRITTEN,
    SYNC_DATA,
    SYNC_NAMES,
    SYNC_RECORDS,
    SYNC_LOG,
    CHANGE_COMMITTED,
    LOG_WRITTEN,
    RENAME_SOURCE_SYNCED,
    EMPTIED_RECORD_SYNCED,
    EMPTIED_FILE_CUT,
    APPEND_WITHDRAWN,
    NUMBERS_RAISED,
    GARBAGE_FORGOTTEN,
    GARBAGE_REMOVED,

    // A layer is sealed.
    SEAL_COMMITTED,
    SEAL_SYNCED,
    SEAL_APPENDS_NOTED,

    // Its image is built.
    CACHE_DATA_CREATED,
    CACHE_DATA_SIZED,
    CACHE_DATA_SYNCED,
    CACHE_CHECKSUMS_CREATED,
    CACHE_CHECKSUMS_SYNCED,
    CACHE_NAMES_SYNCED,
    CONTAINER_OPENED,
    FLUSH_DATA_SYNCED,
    FLUSH_CHECKSUMS_SYNCED,
    BUILD_DRAFT_WRITTEN,
    BUILD_STORED,
    BUILD_FLUSHED,
    IMAGE_DRAFT_REMOVED,
    IMAGE_SYNCED,
    PUBLISH_CREATED,
    PUBLISH_SYNCED,
    PUBLISH_RENAMED,
    PUBLISH_DONE,
    PUBLISH_SWEPT,

    // The image takes the upper's place.
    ACTIVATE_COMMITTED,
    ACTIVATE_GARBAGE_FORGOTTEN,
    ACTIVATE_ROWS_DROPPED,
    ACTIVATE_MARKER_REMOVED,
    MERGE_COMMITTED,
    MERGE_INPUT_DELETED,

    // A container is closed.
    CLOSE_COMMITTED,
    CLOSE_FOOTER_SYNCED,
    CLOSE_STAGED,
    DISCARD_FORGOTTEN,
    DISCARD_DATA_REMOVED,
    DISCARD_REMOVED,

    // It goes to a medium, leaves the SSD and comes back.
    COPY_CREATED,
    COPY_SIZED,
    COPY_SYNCED,
    COPY_COMMITTED,
    COPY_VERIFIED,
    COPY_PLACED,
    COPY_FREED,
    EVICT_MARKED,
    EVICT_DROPPED,
    RECALL_WHOLE,
    RELEASE_UNNAMED,
    RELEASE_NOTED,
    RELEASE_FORGOTTEN,
    RELEASE_FREED,
    RELEASE_COMMITTED,
    TIER_NOTED,

    // A volume is opened: what a crash left is rolled forward or back.
    RECOVER_IMAGE_SWEPT,
    RECOVER_UPPER_DROPPED,
    RECOVER_FILE_FORGOTTEN,
    RECOVER_FILE_CUT,
    RECOVER_FILE_SETTLED,
    RECOVER_FILE_COMMITTED,
    RECOVER_STRAY_REMOVED,
    RECOVER_SYNCED,
    RECOVER_BOOT_NOTED,
    RECOVER_CONTAINER_ZEROED,
    RECOVER_CACHE_REMOVED,

    // A volume is made, or rebuilt from its media.
    DESCRIPTOR_PUBLISHED,
    MEDIUM_LABELLED,
    REBUILD_BEGUN,
    REBUILD_TIER_WRITTEN,
    REBUILD_CATALOG_WRITTEN,
    REBUILD_IMAGES_READ;

    /** Says that the step is done; free unless faults are on. */
    public void reach() throws IOException {
        if (Faults.ON) {
            Faults.reached(this);
        }
    }
}

package io.arcfs.fuse.kernel;

import io.arcfs.fuse.FailureLog;
import io.arcfs.fuse.HandleTable;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.OpenDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the requests of one mount work on. Thread-safe. */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    final FileSystem fileSystem;
    final HandleTable<FileHandle> files = new HandleTable<>();
    final HandleTable<OpenDirectory> directories = new HandleTable<>();
    final FailureLog failures = new FailureLog(LOG);
    final RequestCounts counts = new RequestCounts();
    final RequestTimes times = new RequestTimes();
    final NodeIds nodeIds = new NodeIds();
    final UnansweredWrites unanswered = new UnansweredWrites();
    final OpenModes openModes;
    final Privileges privileges;
    final Interrupts interrupts = new Interrupts();

    Session(FileSystem fileSystem, Passthrough passthrough) {
        this.fileSystem = fileSystem;
        this.openModes = new OpenModes(passthrough, unanswered);
        this.privileges = new Privileges(fileSystem);
    }

    /** Gives everything back that the kernel no longer will. */
    void end() {
        files.drain(handle -> giveBack(() -> release(handle)));
        directories.drain(directory -> giveBack(directory::release));
        giveBack(fileSystem::forgetAll);
    }

    void release(FileHandle handle) {
        try {
            openModes.released(handle);
        } finally {
            handle.file().release();
        }
    }

    /** One failure must not keep the rest. */
    private void giveBack(Runnable release) {
        try {
            release.run();
        } catch (RuntimeException e) {
            failures.report("release", e);
        }
    }
}

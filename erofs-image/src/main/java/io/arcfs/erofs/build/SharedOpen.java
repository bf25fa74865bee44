package io.arcfs.erofs.build;

import java.io.IOException;

/** A file that is open until the last unit of work on it is done. Thread-safe. */
final class SharedOpen {
    final SourceFile.Open file;
    private int users = 1;

    SharedOpen(SourceFile.Open file) {
        this.file = file;
    }

    synchronized SharedOpen use() {
        users++;
        return this;
    }

    void release() throws IOException {
        boolean last;
        synchronized (this) {
            users--;
            last = users == 0;
        }
        if (last) {
            file.close();
        }
    }
}

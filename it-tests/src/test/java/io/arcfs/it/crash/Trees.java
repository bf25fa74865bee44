package io.arcfs.it.crash;

import java.io.IOException;

/** What is done to whole folders. Stateless. */
final class Trees {
    private Trees() {}

    /** Removes a folder with all it holds; one that is not there is no error. */
    static void remove(CrashTarget target, String folder) throws IOException {
        String parent = folder.substring(0, folder.lastIndexOf('/') + 1);
        String name = folder.substring(folder.lastIndexOf('/') + 1);
        if (!target.list(parent).contains(name + "/")) {
            return;
        }
        for (String entry : target.list(folder)) {
            if (entry.endsWith("/")) {
                remove(target, folder + "/" + entry.substring(0, entry.length() - 1));
            } else {
                target.unlink(folder + "/" + entry);
            }
        }
        target.rmdir(folder);
    }
}
